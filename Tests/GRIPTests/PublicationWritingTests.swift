import HTTPTypes
import NIOCore
import Testing

@testable import GRIP

@Suite struct PublicationWritingTests {
    private static let bytes = GRIPContent.binary(ByteBuffer(bytes: [0, 0xFF]))

    private func json(_ format: GRIPFormat) -> String {
        let text = GRIPPublication(GRIPItem(format), to: "c").json.text
        let start = #"{"channel":"c","formats":{""#
        guard text.hasPrefix(start), text.hasSuffix("}}") else { return "no format: \(text)" }
        return "\"" + text.dropFirst(start.count).dropLast(2)
    }

    private func webSocket(_ action: GRIPWebSocketMessage.Action) -> GRIPFormat {
        GRIPFormat(.webSocketMessage(GRIPWebSocketMessage(action: action)))
    }

    @Test func responsesAreWritten() throws {
        #expect(self.json(.httpResponse("hi")) == #""http-response":{"code":200,"reason":"OK","body":"hi"}"#)
        #expect(self.json(.httpResponse("", status: 499)) == #""http-response":{"code":499,"body":""}"#)
        #expect(self.json(.httpResponse(Self.bytes, status: 200)) == #""http-response":{"code":200,"body-bin":"AP8="}"#)
        #expect(
            self.json(.httpResponse("x", status: 200, contentFilters: [.buildID]))
                == #""http-response":{"code":200,"body":"x","content-filters":["build-id"]}"#
        )
        #expect(self.json(.httpResponseHint) == #""http-response":{"action":"hint"}"#)
    }

    @Test func repeatedHeadersOfAResponseKeepTheirOrder() throws {
        var headers: HTTPFields = [.setCookie: "a=1", .contentType: "text/plain"]
        headers.append(HTTPField(name: .setCookie, value: "b=2"))
        #expect(
            self.json(.httpResponse("", status: 200, headers: headers)) == """
                "http-response":{"code":200,"headers":[["Set-Cookie","a=1"],["Content-Type","text/plain"],\
                ["Set-Cookie","b=2"]],"body":""}
                """
        )
    }

    @Test func aPatchIsWrittenInPlaceOfABody() throws {
        let patch = try GRIPJSONPatch(json: #"[{"op": "add", "path": "/a/-", "value": {"z": 1, "b": 1.5}}]"#)
        #expect(
            self.json(.httpResponse(patching: patch, status: 200))
                == #""http-response":{"code":200,"body-patch":[{"op":"add","path":"/a/-","value":{"z":1,"b":1.5}}]}"#
        )
    }

    @Test(arguments: [
        "{}", "1", "", #"[{"op":"add"}]"#, #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"add","path":"/a"}]"#,
        #"[{"op":"move","path":"/a"}]"#, #"[{"op":"jump","path":"/a"}]"#, #"[{"op":"test","path":"","value":1}]"#,
        "[1]",
    ])
    func whatIsNoPatchIsRefused(json: String) {
        #expect(throws: GRIPError.self) { try GRIPJSONPatch(json: json) }
    }

    @Test func streamsAreWritten() {
        #expect(self.json(.httpStream("a\n")) == #""http-stream":{"content":"a\n"}"#)
        #expect(self.json(.httpStream(Self.bytes)) == #""http-stream":{"content-bin":"AP8="}"#)
        #expect(self.json(.httpStream("", contentFilters: [])) == #""http-stream":{"content":"","content-filters":[]}"#)
        #expect(self.json(.httpStreamClose) == #""http-stream":{"action":"close"}"#)
        #expect(self.json(.httpStreamHint) == #""http-stream":{"action":"hint"}"#)
    }

    @Test func webSocketMessagesAreWritten() {
        #expect(self.json(.webSocketMessage("a")) == #""ws-message":{"content":"a"}"#)
        #expect(self.json(.webSocketMessage(Self.bytes)) == #""ws-message":{"content-bin":"AP8="}"#)
        #expect(self.json(.webSocketRefresh) == #""ws-message":{"action":"refresh"}"#)
        #expect(self.json(self.webSocket(.send(.ping, ""))) == #""ws-message":{"type":"ping","content":""}"#)
        #expect(
            self.json(self.webSocket(.send(.pong, Self.bytes))) == #""ws-message":{"type":"pong","content-bin":"AP8="}"#
        )
        #expect(self.json(self.webSocket(.close(code: nil, reason: ""))) == #""ws-message":{"action":"close"}"#)
        #expect(
            self.json(self.webSocket(.close(code: 4000, reason: "bye")))
                == #""ws-message":{"action":"close","code":4000,"reason":"bye"}"#
        )
    }

    @Test func aTypeThatTheContentDoesNotImplyIsWritten() {
        #expect(
            self.json(self.webSocket(.send(.text, Self.bytes))) == #""ws-message":{"type":"text","content-bin":"AP8="}"#
        )
        #expect(self.json(self.webSocket(.send(.binary, "a"))) == #""ws-message":{"type":"binary","content":"a"}"#)
    }

    @Test func allMembersOfAnItemAreWritten() throws {
        let item = try GRIPItem(
            [.httpStream("s"), .webSocketMessage("w")],
            id: "2",
            previousID: "",
            sender: "me",
            meta: ["a": "\""],
            skipsSequencing: true
        )
        let text = GRIPPublication(item, to: try GRIPChannel("c", previousID: "ignored", filters: [.skipSelf])).json
            .text
        let expected = """
            {"channel":"c","id":"2","prev-id":"","formats":{"http-stream":{"content":"s"},"ws-message":{"content":"w"}},\
            "meta":{"a":"\\"","sender":"me"},"no-seq":true}
            """
        #expect(text == expected)
        #expect(item.sender == "me")
        #expect(item.httpResponse == nil)
        #expect(item.httpStream?.action == .send("s"))
        #expect(item.webSocketMessage?.action == .send(.text, "w"))
    }

    @Test func anItemHasOneFormatOfEachTransport() {
        for formats in [[], [GRIPFormat.httpStream("a"), .httpStreamClose]] {
            let error = #expect(throws: GRIPError.self) { try GRIPItem(formats) }
            #expect(error?.code == .item)
        }
    }

    @Test func aBatchIsAListOfItems() throws {
        let publications = [
            GRIPPublication(GRIPItem(.httpStream("1")), to: "a"), GRIPPublication(GRIPItem(.httpStream("2")), to: "b"),
        ]
        let expected = """
            {"items":[{"channel":"a","formats":{"http-stream":{"content":"1"}}},\
            {"channel":"b","formats":{"http-stream":{"content":"2"}}}]}
            """
        #expect(GRIPPublication.json(publications).text == expected)
        #expect(GRIPPublication.json(joining: publications.map(\.json)).text == expected)
        #expect(try GRIPPublication.parse(json: GRIPPublication.json(publications)) == publications)
        #expect(GRIPPublication.json([]).text == #"{"items":[]}"#)
        #expect(GRIPPublication.json(joining: []).text == #"{"items":[]}"#)
        #expect(try GRIPPublication.parse(json: GRIPPublication.json([])).isEmpty)
    }
}
