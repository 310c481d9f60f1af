import HTTPTypes
import NIOCore
import Testing

@testable import GRIP

@Suite struct PublicationParsingTests {
    private func item(_ members: String) throws -> GRIPItem {
        let body = ByteBuffer(string: #"{"items":[{"channel":"c",\#(members)}]}"#)
        return try #require(try GRIPPublication.parse(json: body).first).item
    }

    private func reason(_ json: String) -> String? {
        let error = #expect(throws: GRIPError.self) { try GRIPPublication.parse(json: ByteBuffer(string: json)) }
        return error?.reason
    }

    @Test func formatsMayStandOnTheItemOrUnderFormats() throws {
        let formats = #""http-stream":{"content":"s"},"ws-message":{"content":"w"},"http-response":{"body":"r"}"#
        let nested = try self.item(#""formats":{\#(formats)}"#)
        let direct = try self.item(formats)
        #expect(nested == direct)
        #expect(nested.formats.map(\.name) == ["http-response", "http-stream", "ws-message"])
        // Where there is a `formats`, what stands next to it does not count.
        let both = try self.item(#""formats":{"http-stream":{"content":"s"}},"ws-message":{"content":"w"}"#)
        #expect(both.formats == [.httpStream("s")])
    }

    @Test func anUnknownFormatDeliversNothing() throws {
        #expect(try self.item(#""formats":{"foo":{}}"#).formats.isEmpty)
    }

    @Test(arguments: [#""formats":{}"#, #""foo":{}"#, #""id":"1""#])
    func noFormatAtAllIsAMistake(members: String) {
        #expect(self.reason(#"{"items":[{"channel":"c",\#(members)}]}"#) == "no formats specified")
    }

    @Test(arguments: [
        ("{}", "object does not contain 'items'"), (#"{"items":{}}"#, "object contains 'items' with wrong type"),
        (#"{"items":[{}]}"#, "publish item object does not contain 'channel'"),
        (#"{"items":[{"channel":1}]}"#, "publish item object contains 'channel' with wrong type"),
    ])
    func theErrorsOfABodyAreWordedAsProxiesDo(json: String, reason: String) {
        #expect(self.reason(json) == reason)
    }

    @Test(arguments: ["", "[]", "1", "null", "{", #"{"items":[1]}"#, #"{"items":[{"channel":"a"},]}"#])
    func whatIsNoBatchIsRefused(json: String) {
        #expect(self.reason(json) != nil)
    }

    @Test(arguments: [
        (#""id":1"#, "publish item object contains 'id' with wrong type"),
        (#""id":null"#, "publish item object contains 'id' with wrong type"),
        (#""prev-id":null"#, "publish item object contains 'prev-id' with wrong type"),
        (#""meta":{"k":1}"#, "'meta' contains 'k' with wrong type"),
        (#""meta":[]"#, "publish item object contains 'meta' with wrong type"),
        (#""no-seq":1"#, "publish item object contains 'no-seq' with wrong type"),
        (#""no-seq":"true""#, "publish item object contains 'no-seq' with wrong type"),
        (#""no-seq":null"#, "publish item object contains 'no-seq' with wrong type"),
        (#""size":[]"#, "publish item object contains 'size' with wrong type"),
        (#""size":-1"#, "publish item object contains 'size' with invalid value"),
        (#""formats":[]"#, "publish item object contains 'formats' with wrong type"),
    ])
    func theErrorsOfAnItemAreWordedAsProxiesDo(member: String, reason: String) {
        #expect(self.reason(#"{"items":[{"channel":"c",\#(member),"http-stream":{"content":""}}]}"#) == reason)
    }

    @Test(arguments: [
        (#""http-response":{}"#, "'http-response' does not contain 'body', 'body-bin', or 'body-patch'"),
        (#""http-response":{"code":1000,"body":""}"#, "'http-response' contains 'code' with invalid value"),
        (#""http-response":{"code":[1],"body":""}"#, "'http-response' contains 'code' with wrong type"),
        (#""http-response":{"headers":1,"body":""}"#, "'http-response' contains 'headers' with wrong type"),
        (#""http-response":{"body":1}"#, "'http-response' contains 'body' with wrong type"),
        (#""http-response":{"action":"x","body":""}"#, "'http-response' contains 'action' with invalid value"),
        (#""http-stream":{}"#, "'http-stream' does not contain 'content' or 'content-bin'"),
        (#""http-stream":1"#, "'http-stream' is not an object"),
        (
            #""http-stream":{"content":"","content-filters":1}"#,
            "'http-stream' contains 'content-filters' with wrong type"
        ),
        (#""ws-message":{}"#, "'ws-message' does not contain 'content' or 'content-bin'"),
        (#""ws-message":{"type":"x","content":""}"#, "'ws-message' contains 'type' with unknown value"),
        (#""ws-message":{"action":"close","code":-1}"#, "'ws-message' contains 'code' with invalid value"),
        (#""ws-message":{"action":"close","code":65536}"#, "'ws-message' contains 'code' with invalid value"),
    ])
    func theErrorsOfAFormatAreWordedAsProxiesDo(member: String, reason: String) {
        #expect(self.reason(#"{"items":[{"channel":"c",\#(member)}]}"#) == reason)
        #expect(self.reason(#"{"items":[{"channel":"c","formats":{\#(member)}}]}"#) == reason)
    }

    @Test(arguments: [
        (#"{"type":"ping"}"#, GRIPWebSocketMessage.Action.send(.ping, "")), (#"{"type":"pong"}"#, .send(.pong, "")),
        (#"{"content":"a"}"#, .send(.text, "a")),
        (#"{"content-bin":"YQ"}"#, .send(.binary, .binary(ByteBuffer(string: "a")))),
        (#"{"type":"text","content-bin":"YQ","content":"b"}"#, .send(.text, .binary(ByteBuffer(string: "a")))),
        (#"{"action":"close"}"#, .close(code: nil, reason: "")),
        (#"{"action":"close","code":"4001","reason":"x"}"#, .close(code: 4001, reason: "x")),
        (#"{"action":"refresh"}"#, .refresh), (#"{"action":"hint","content":1}"#, .hint),
    ])
    func webSocketMessagesAreRead(json: String, action: GRIPWebSocketMessage.Action) throws {
        #expect(try self.item(#""ws-message":\#(json)"#).webSocketMessage?.action == action)
    }

    @Test(arguments: [("\"200\"", 200), ("204.4", 204), ("true", 1), ("\"x\"", 0), ("999", 999)])
    func theCodeOfAResponseIsReadGenerously(code: String, value: Int) throws {
        let response = try #require(try self.item(#""http-response":{"code":\#(code),"body":""}"#).httpResponse)
        let sent: GRIPHTTPResponse.Response? = if case .send(let sent) = response.action { sent } else { nil }
        #expect(sent?.status.code == value)
    }

    @Test(
        arguments: [
            #""channel":"a@b","http-stream":{"content":""}"#, #""channel":"c","id":"a@b","http-stream":{"content":""}"#,
            #""channel":"c","prev-id":"a@b","formats":{"http-stream":{"content":""}}"#,
            #""channel":"c","id":"a@b","formats":{"http-stream":{"content":""}}"#,
            #""channel":"a@b","formats":{"http-stream":{"content":""}}"#,
            #""channel":"c","http-response":{"reason":"a@b","body":""}"#,
            #""channel":"c","http-response":{"headers":{"X":"a@b"},"body":""}"#,
            #""channel":"c","ws-message":{"action":"close","code":1000,"reason":"a@b"}"#,
        ],
        [#"\n"#, #"\r"#, #"\r\n"#, #"\u0000"#]
    )
    func lineEndsAreRefusedWhereTheyCouldEndALine(members: String, end: String) {
        let json = #"{"items":[{\#(members.replacing("@", with: end))}]}"#
        #expect(self.reason(json)?.contains("with") == true)
    }

    @Test func oneBadItemSpoilsTheBatch() {
        let good = #"{"channel":"a","http-stream":{"content":""}}"#
        #expect(self.reason("{\"items\":[\(good),{\"channel\":\"b\"},\(good)]}") == "items[1]: no formats specified")
    }

    @Test func moreFieldsThanALibraryCanHoldAreRefused() {
        let list = [String](repeating: "[\"a\",\"\"]", count: 70_000).joined(separator: ",")
        let json = #"{"items":[{"channel":"c","http-response":{"headers":[\#(list)],"body":""}}]}"#
        #expect(self.reason(json) == "'http-response' contains 'headers' with invalid value")
    }

    @Test(arguments: [
        #"{"channel":"","formats":{"ws-message":{"type":"binary","content":"x"}}}"#,
        #"{"channel":"c","formats":{"ws-message":{"type":"text","content-bin":"AP8="}},"size":7}"#,
        #"{"channel":"c","id":"","formats":{"http-stream":{"content":"","content-filters":["a","b"]}},"no-seq":true}"#,
        #"{"channel":"c","formats":{"http-response":{"code":200,"body-patch":[{"op":"x"}]}}}"#,
        #"{"channel":"c","formats":{"http-response":{"action":"refresh"},"http-stream":{"action":"refresh"}}}"#,
        #"{"channel":"c","formats":{"http-response":{"action":"close"},"ws-message":{"action":"hint"}}}"#,
    ])
    func whatIsReadIsWrittenAgain(json: String) throws {
        let publications = try GRIPPublication.parse(json: ByteBuffer(string: #"{"items":[\#(json)]}"#))
        #expect(publications.map(\.json.text) == [json])
    }
}
