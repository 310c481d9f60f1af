import GRIP
import NIOCore
import Testing

/// A byte-order mark and half of a surrogate pair, in each kind of JSON that others write.
@Suite struct ForgivenJSONTests {
    private static func marked(_ json: String) -> ByteBuffer { ByteBuffer(string: "\u{FEFF}\(json)") }

    @Test func aBatch() throws {
        let json =
            #"{"items":[{"channel":"a","http-stream":{"content":"a\ud83db"}},{"channel":"b","ws-message":{"content":"c"}}]}"#
        let publications = try GRIPPublication.parse(json: Self.marked(json))
        #expect(
            publications == [
                GRIPPublication(GRIPItem(.httpStream("a\u{FFFD}b")), to: "a"),
                GRIPPublication(GRIPItem(.webSocketMessage("c")), to: "b"),
            ]
        )
    }

    @Test func instructions() throws {
        let json = #"{"hold":{"mode":"stream","channels":[{"name":"a"}]},"response":{"body":"a\udc00"}}"#
        let document = try GRIPInstructDocument(json: Self.marked(json))
        #expect(document.instruction.channels.map(\.name) == ["a"])
        #expect(document.response.body.bytes == ByteBuffer(string: "a\u{FFFD}"))
    }

    @Test func aControlMessage() throws {
        let message = try WebSocketControlMessage(parsing: Self.marked(#"{"type":"subscribe","channel":"a\ud83d"}"#))
        guard case .subscribe(let channel) = message else {
            Issue.record("\(message)")
            return
        }
        #expect(channel.name == "a\u{FFFD}")
    }

    @Test func aPatch() throws {
        let patch = try GRIPJSONPatch(json: "\u{FEFF}[{\"op\":\"remove\",\"path\":\"/a\"}]")
        #expect(try patch == GRIPJSONPatch(json: "[{\"op\":\"remove\",\"path\":\"/a\"}]"))
    }
}
