import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("An origin may accept a part of what it is sent")
struct WebSocketOverHTTPAcceptanceTests {
    private func accepted(_ byteCount: Int) -> KeyValuePairs<String, String> {
        ["Content-Bytes-Accepted": "\(byteCount)"]
    }

    private func replayed(_ conversation: OverHTTPConversation) -> String? {
        conversation.requestFields[.contentBytesReplayed]
    }

    @Test("The rest is sent again with what comes next (WO24)")
    func replay() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("hello")
        #expect(conversation.answer("", self.accepted(3)) == [])
        #expect(conversation.text("world") == ["POST TEXT 2\r\nlo\r\nTEXT 5\r\nworld\r\n"])
        #expect(self.replayed(conversation) == "2")
        #expect(conversation.answer("", self.accepted(7)) == [])
        #expect(conversation.text("x") == ["POST TEXT 1\r\nx\r\n"])
        #expect(self.replayed(conversation) == nil)
    }

    @Test("The boundary may be anywhere, and empty messages are not lost (WO25, B1)")
    func boundaries() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("-")
        for text in ["hello", " world", "", "foo"] { _ = conversation.text(text) }
        let first = "POST TEXT 5\r\nhello\r\nTEXT 6\r\n world\r\nTEXT\r\nTEXT 3\r\nfoo\r\n"
        #expect(conversation.answer("") == [first])
        #expect(conversation.answer("", self.accepted(3)) == [])
        #expect(conversation.text("") == ["POST TEXT 2\r\nlo\r\nTEXT 6\r\n world\r\nTEXT\r\nTEXT 3\r\nfoo\r\nTEXT\r\n"])
        #expect(self.replayed(conversation) == "11")
        #expect(conversation.answer("", self.accepted(2)) == [])
        #expect(conversation.text("!") == ["POST TEXT 6\r\n world\r\nTEXT\r\nTEXT 3\r\nfoo\r\nTEXT\r\nTEXT 1\r\n!\r\n"])
        #expect(self.replayed(conversation) == "9")
        _ = conversation.client(.ping(.init()))
        #expect(conversation.answer("", self.accepted(6)) == ["POST TEXT 3\r\nfoo\r\nTEXT\r\nTEXT 1\r\n!\r\nPING\r\n"])
        #expect(self.replayed(conversation) == "4")
        #expect(conversation.answer("") == [])
    }

    @Test("A request for news takes the rest along")
    func polling() {
        var conversation = OverHTTPConversation.opened(fields: ["Keep-Alive-Interval": "20"])
        _ = conversation.text("hello")
        _ = conversation.answer("", self.accepted(0))
        #expect(conversation.wait(20_000) == ["20000 POST TEXT 5\r\nhello\r\n"])
        #expect(self.replayed(conversation) == "5")
        _ = conversation.answer("", self.accepted(4))
        #expect(conversation.publish(.refresh) == ["POST TEXT 1\r\no\r\n"])
    }

    @Test("A request that is sent again says the same about what it repeats")
    func retry() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("hello")
        _ = conversation.answer("", self.accepted(3))
        _ = conversation.text("x")
        _ = conversation.fail(.neverSent)
        _ = conversation.text("y")
        #expect(conversation.wait(1000) == ["1000 POST TEXT 2\r\nlo\r\nTEXT 1\r\nx\r\n"])
        #expect(self.replayed(conversation) == "2")
        #expect(conversation.answer("") == ["POST TEXT 1\r\ny\r\n"])
    }

    @Test("Nonsense means that all is accepted, more than there was is an error", arguments: ["", "x", "-1", "5 0"])
    func nonsense(value: String) {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("hello")
        #expect(conversation.answer("", ["Content-Bytes-Accepted": value]) == [])
        #expect(conversation.text("x") == ["POST TEXT 1\r\nx\r\n"])
        #expect(
            conversation.answer("", self.accepted(2))
                == ["client < close 1011 ", "drop: Content-Bytes-Accepted does not fit what was sent", "finished"]
        )
    }

    @Test("With one event per request, an origin must accept something while more is waiting")
    func oneEvent() {
        var configuration = WebSocketRelayConfiguration()
        configuration.sendsOneEvent = true
        var conversation = OverHTTPConversation.opened(configuration)
        _ = conversation.text("hello")
        #expect(conversation.answer("", self.accepted(0)) == [])
        #expect(conversation.text("x") == ["POST TEXT 5\r\nhello\r\n"])
        #expect(conversation.answer("", self.accepted(1)) == ["POST TEXT 4\r\nello\r\n"])
        #expect(self.replayed(conversation) == "4")
        #expect(conversation.answer("", self.accepted(4)) == ["POST TEXT 1\r\nx\r\n"])
        #expect(self.replayed(conversation) == nil)
        _ = conversation.text("y")
        #expect(
            conversation.answer("", self.accepted(0)).dropFirst().first?.hasPrefix("drop: Content-Bytes-Accepted")
                == true
        )
    }

    @Test("A CLOSE waits for the messages before it, and is accepted whole")
    func close() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("-")
        _ = conversation.text("hello")
        _ = conversation.close(1001, "why")
        #expect(conversation.answer("") == ["POST TEXT 5\r\nhello\r\nCLOSE 5\r\n\u{3}\u{E9}why\r\n"])
        #expect(conversation.answer("", self.accepted(3)) == ["POST TEXT 2\r\nlo\r\nCLOSE 5\r\n\u{3}\u{E9}why\r\n"])
        #expect(self.replayed(conversation) == "7")
        var other = conversation
        #expect(other.answer("", self.accepted(4)).dropFirst().first?.hasPrefix("drop: Content-Bytes-Accepted") == true)
        #expect(
            conversation.answer("CLOSE 2\r\n\u{3}\u{E8}\r\n", self.accepted(7))
                == ["client < close 1000 ", "drop", "finished"]
        )
    }

    @Test("An origin that accepts nothing of a client that closes is asked again or given up")
    func closeWithoutProgress() {
        for interval in [20, 0] {
            var conversation = OverHTTPConversation.opened(fields: ["Keep-Alive-Interval": "\(interval)"])
            _ = conversation.text("-")
            _ = conversation.text("hello")
            _ = conversation.close(1001)
            _ = conversation.answer("")
            let lines = conversation.answer("", self.accepted(0))
            if interval == 0 {
                #expect(lines.dropFirst().first?.hasPrefix("drop: Content-Bytes-Accepted") == true)
            } else {
                #expect(lines == [])
                #expect(conversation.wait(20_000) == ["20000 POST TEXT 5\r\nhello\r\nCLOSE 2\r\n\u{3}\u{E9}\r\n"])
            }
        }
    }

    @Test("What a lost client said is sent as long as some of it is accepted")
    func lostClient() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("hello")
        _ = conversation.text("x")
        #expect(conversation.lose() == [])
        #expect(conversation.answer("", self.accepted(3)) == ["POST TEXT 2\r\nlo\r\nTEXT 1\r\nx\r\nDISCONNECT\r\n"])
        #expect(conversation.answer("", self.accepted(1)) == ["POST TEXT 1\r\no\r\nTEXT 1\r\nx\r\nDISCONNECT\r\n"])
        #expect(conversation.answer("", self.accepted(0)) == ["finished"])
    }
}
