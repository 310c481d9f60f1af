import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Messages over HTTP")
struct WebSocketOverHTTPMessageTests {
    @Test("A client's message is a request, and the origin's events are messages (WO2)")
    func exchange() {
        var conversation = OverHTTPConversation.opened()
        #expect(conversation.text("hello") == ["POST TEXT 5\r\nhello\r\n"])
        #expect(
            conversation.answer(
                "TEXT 7\r\nm:world\r\nBINARY 3\r\nm:\u{FF}\r\nPING\r\nPONG 1\r\nx\r\nBINARY 2\r\nc:\r\n"
            ) == [
                "client < text world", "client < binary \u{FF}", "client < ping ", "client < pong x",
            ]
        )
    }

    @Test("What comes while a request is under way goes into the next one, in order (WO3, WO4, WO5, B1)")
    func batch() {
        var conversation = OverHTTPConversation.opened()
        #expect(conversation.text("one") == ["POST TEXT 3\r\none\r\n"])
        #expect(conversation.client(.ping(ByteBuffer())) == [])
        #expect(conversation.client(.ping(ByteBuffer(string: "pp"))) == [])
        #expect(conversation.text("") == [])
        #expect(conversation.client(.message(.binary, ByteBuffer())) == [])
        #expect(conversation.client(.pong(ByteBuffer())) == [])
        #expect(conversation.text("two") == [])
        #expect(
            conversation.answer("") == ["POST PING\r\nPING 2\r\npp\r\nTEXT\r\nBINARY\r\nPONG\r\nTEXT 3\r\ntwo\r\n"]
        )
        #expect(conversation.answer("") == [])
    }

    @Test("Where one event per request is wanted, each has a request of its own (B2)")
    func oneEvent() {
        var configuration = WebSocketRelayConfiguration()
        configuration.sendsOneEvent = true
        var conversation = OverHTTPConversation.opened(configuration)
        #expect(conversation.text("one") == ["POST TEXT 3\r\none\r\n"])
        _ = conversation.client(.ping(ByteBuffer()))
        _ = conversation.text("two")
        _ = conversation.lose()
        #expect(conversation.answer("") == ["POST PING\r\n"])
        #expect(conversation.answer("") == ["POST TEXT 3\r\ntwo\r\n"])
        #expect(conversation.answer("") == ["POST DISCONNECT\r\n"])
        #expect(conversation.answer("") == ["finished"])
    }

    @Test("Events of unknown types are skipped (WO14)")
    func unknownEvents() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        #expect(
            conversation.answer("TEXT 3\r\nm:a\r\nFOO 4\r\nTEXT\r\nTEXT 3\r\nm:b\r\n")
                == ["client < text a", "client < text b"]
        )
    }

    @Test("A second OPEN and DISCONNECT cut the client off (WO16)", arguments: ["OPEN\r\n", "DISCONNECT\r\n"])
    func cut(event: String) {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        let lines = conversation.answer("TEXT 3\r\nm:a\r\n\(event)TEXT 3\r\nm:b\r\n")
        // To cut it off is what DISCONNECT means.
        #expect(lines.count == (event == "DISCONNECT\r\n" ? 3 : 4))
        #expect(lines.first == "client < text a")
        #expect(lines.contains("client < close 1011 ") == (event != "DISCONNECT\r\n"))
        #expect(lines[lines.count - 2].hasPrefix("drop: "))
        #expect(lines.last == "finished")
    }

    @Test(
        "A response that is not one of events cuts the client off (WO13, WO22)",
        arguments: [
            ("", "application/websocket-events", 500), ("", "application/websocket-events", 204),
            ("", "text/plain", 200),
            ("TEXT 10\r\nhi\r\n", "application/websocket-events", 200),
            ("PING 7e\r\n\(String(repeating: "p", count: 126))\r\n", "application/websocket-events", 200),
        ]
    )
    func badResponse(body: String, type: String, status: Int) {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        let lines = conversation.answer(body, ["Content-Type": type], status: .init(code: status))
        #expect(lines.count == 3)
        #expect(lines.first == "client < close 1011 ")
        #expect(lines.dropFirst().first?.hasPrefix("drop: ") == true)
        #expect(lines.last == "finished")
    }

    @Test("A response that is too long cuts the client off (WO27)")
    func longResponse() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        #expect(
            conversation.fail(.tooLarge) == [
                "client < close 1011 ", "drop: the origin's response is too long", "finished",
            ]
        )
    }

    @Test("A message that is too long closes the connection, and the origin hears of it (WO26)")
    func longMessage() {
        var conversation = OverHTTPConversation.opened()
        var reader = WebSocketMessageReader(from: .client, maximumMessageSize: 200_000)
        let output = reader.read(
            opcode: 1,
            isFinal: true,
            reservedBits: 0,
            isMasked: true,
            payload: ByteBuffer(repeating: 0x61, count: 250_000)
        )
        #expect(
            conversation.client(output) == ["client < close 1009 a message is too long", "drop", "POST DISCONNECT\r\n"]
        )
    }

    @Test("Meta that the origin stores is in its requests until it is deleted (WO6)")
    func meta() {
        var conversation = OverHTTPConversation.opened(fields: [
            "Set-Meta-User": "alice", "Set-Meta-": "x", "Set-Meta-B": "1",
        ])
        _ = conversation.text("x")
        #expect(conversation.requestFields.lines.suffix(2) == ["Meta-User: alice", "Meta-B: 1"])
        _ = conversation.answer("", ["set-meta-uSER": "bob", "Set-Meta-B": ""])
        _ = conversation.text("x")
        #expect(conversation.requestFields.lines.dropFirst(3) == ["Meta-uSER: bob"])
        _ = conversation.answer("", ["Set-Meta-User": ""])
        _ = conversation.text("x")
        #expect(conversation.requestFields.lines.count == 3)
    }

    @Test("Meta has a limit")
    func metaLimit() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumMetaSize = 20
        var conversation = OverHTTPConversation.opened(configuration)
        _ = conversation.text("x")
        #expect(conversation.answer("", ["Set-Meta-User": "12345678901"]) == [])
        _ = conversation.text("x")
        #expect(
            conversation.answer("", ["Set-Meta-User": "123456789012"])
                == ["client < close 1011 ", "drop: the origin's meta is too long", "finished"]
        )
    }

    @Test("An origin that wants to be asked is, after at least 20 seconds of silence (WO23)")
    func polling() {
        var conversation = OverHTTPConversation.opened(fields: ["Keep-Alive-Interval": "1"])
        #expect(conversation.wait(20_000) == ["20000 POST "])
        #expect(conversation.wait(100_000) == [])
        #expect(conversation.answer("") == [])
        #expect(conversation.wait(10_000) == [])
        #expect(conversation.text("x") == ["POST TEXT 1\r\nx\r\n"])
        #expect(conversation.answer("", ["Keep-Alive-Interval": "30"]) == [])
        #expect(conversation.wait(30_000) == ["160000 POST "])
        #expect(conversation.answer("", ["Keep-Alive-Interval": "x"]) == [])
        #expect(conversation.wait(100_000) == [])
    }

    @Test("A request that cannot have been seen is sent again as it was, a request that can have been is not (WO31)")
    func retries() {
        var conversation = OverHTTPConversation.opened(jitter: .milliseconds(250))
        _ = conversation.text("one")
        _ = conversation.text("two")
        for seconds in [1, 2, 4, 8, 16] as [Int64] {
            #expect(conversation.fail(.neverSent) == [])
            #expect(conversation.wait(seconds * 1000 + 249) == [])
            #expect(conversation.wait(1) == ["\(conversation.milliseconds) POST TEXT 3\r\none\r\n"])
        }
        #expect(
            conversation.fail(.neverSent) == ["client < close 1011 ", "drop: the origin cannot be reached", "finished"]
        )

        conversation = OverHTTPConversation.opened()
        _ = conversation.text("one")
        #expect(
            conversation.fail(.maybeSent) == ["client < close 1011 ", "drop: the origin did not answer", "finished"]
        )
    }

    @Test("Any response makes an origin reachable again")
    func retryCount() {
        var conversation = OverHTTPConversation.opened()
        for _ in 0..<3 {
            _ = conversation.text("x")
            for _ in 0..<5 {
                #expect(conversation.fail(.neverSent) == [])
                #expect(conversation.wait(16_000).count == 1)
            }
            #expect(conversation.answer("") == [])
        }
    }

    @Test("A client that has too much waiting is not read from until the origin takes some of it")
    func backPressure() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumPendingBytes = 100
        var conversation = OverHTTPConversation.opened(configuration)
        #expect(conversation.text(String(repeating: "a", count: 60)).count == 1)
        #expect(conversation.text("b") == ["pause"])
        #expect(conversation.text("c") == [])
        #expect(conversation.answer("") == ["POST TEXT 1\r\nb\r\nTEXT 1\r\nc\r\n", "resume"])
    }

    @Test("An origin is not asked for more than its client reads")
    func slowClient() {
        var conversation = OverHTTPConversation.opened(fields: ["Keep-Alive-Interval": "20"])
        #expect(conversation.writable(false) == [])
        #expect(conversation.text("x") == [])
        #expect(conversation.wait(100_000) == [])
        #expect(conversation.writable(true) == ["POST TEXT 1\r\nx\r\n"])
    }

    @Test("Text that is not UTF-8 ends the connection, but other bytes pass")
    func invalidText() {
        var conversation = OverHTTPConversation.opened(fields: [:])
        _ = conversation.text("a")
        #expect(
            conversation.answer("TEXT 2\r\n\u{c3}\u{a9}\r\nBINARY 1\r\n\u{c3}\r\n")
                == ["client < text Ã©", "client < binary Ã"]
        )
        _ = conversation.text("a")
        #expect(
            conversation.answer("TEXT 1\r\n\u{c3}\r\n")
                == ["client < close 1011 ", "drop: the origin sent text that is not UTF-8", "finished"]
        )
    }
}
