import GRIP
import NIOCore
import Testing

@Suite struct WebSocketEventCodecTests {
    static let vectors: [(event: WebSocketEvent, wire: String)] = [
        (.open, "OPEN\r\n"),
        (.text("hello"), "TEXT 5\r\nhello\r\n"),
        (.text(""), "TEXT\r\n"),
        (.text("line 1\r\nTEXT 1\r\nx\r\n"), "TEXT 13\r\nline 1\r\nTEXT 1\r\nx\r\n\r\n"),
        (.text("é€"), "TEXT 5\r\n\u{C3}\u{A9}\u{E2}\u{82}\u{AC}\r\n"),
        (.text(String(repeating: "a", count: 171)), "TEXT ab\r\n\(String(repeating: "a", count: 171))\r\n"),
        (.binary(ByteBuffer(bytes: [0, 0xFF, 0x0D, 0x0A])), "BINARY 4\r\n\u{0}\u{FF}\r\n\r\n"),
        (.binary(ByteBuffer()), "BINARY\r\n"),
        (.ping(ByteBuffer(string: "pp")), "PING 2\r\npp\r\n"),
        (.ping(ByteBuffer()), "PING\r\n"),
        (.pong(ByteBuffer(string: "pp")), "PONG 2\r\npp\r\n"),
        (.pong(ByteBuffer()), "PONG\r\n"),
        (.close(nil), "CLOSE\r\n"),
        (.close(try! WebSocketClose(1001)), "CLOSE 2\r\n\u{03}\u{E9}\r\n"),
        (.close(try! WebSocketClose(1001, reason: "why")), "CLOSE 5\r\n\u{03}\u{E9}why\r\n"),
        (.close(try! WebSocketClose(4001, reason: "because reasons")), "CLOSE 11\r\n\u{0F}\u{A1}because reasons\r\n"),
        (.disconnect, "DISCONNECT\r\n"),
    ]

    @Test(arguments: vectors)
    func `A vector is written and read`(event: WebSocketEvent, text: String) throws {
        #expect(WebSocketEvent.encode([event]) == wire(text))
        #expect(try WebSocketEvent.decode(wire(text)) == [event])
    }

    @Test func `A batch keeps its order`() throws {
        let events = Self.vectors.map(\.event)
        let body = WebSocketEvent.encode(events)
        #expect(body == wire(Self.vectors.map(\.wire).joined()))
        #expect(try WebSocketEvent.decode(body) == events)
        #expect(try WebSocketEvent.decode(ByteBuffer()).isEmpty)
    }

    @Test func `Encoding appends to what the buffer holds`() {
        var buffer = ByteBuffer(string: "before ")
        WebSocketEventEncoder().encode(.text("x"), into: &buffer)
        #expect(buffer == wire("before TEXT 1\r\nx\r\n"))
    }

    @Test func `Content of length 0 is the same as none`() throws {
        #expect(
            try WebSocketEvent.decode(wire("TEXT 0\r\n\r\nOPEN 0\r\n\r\nCLOSE 0\r\n\r\n"))
                == [.text(""), .open, .close(nil)]
        )
    }

    @Test func `Both cases of hexadecimal digits and leading zeros are read`() throws {
        let content = String(repeating: "b", count: 0x1A)
        #expect(try WebSocketEvent.decode(wire("TEXT 1A\r\n\(content)\r\n")) == [.text(content)])
        #expect(try WebSocketEvent.decode(wire("TEXT 0000001a\r\n\(content)\r\n")) == [.text(content)])
    }

    @Test func `Unknown events are skipped with their content, and counted`() throws {
        var decoder = WebSocketEventDecoder()
        let events = try decoder.decode(wire("TEXT 1\r\na\r\nFOO 6\r\nTEXT\r\n\r\nBAR\r\nTEXT 1\r\nb\r\n"))
        #expect(events == [.text("a"), .text("b")])
        #expect(decoder.skippedEventCount == 2)
    }

    @Test func `Content of OPEN and DISCONNECT is ignored`() throws {
        #expect(try WebSocketEvent.decode(wire("OPEN 1\r\nx\r\nDISCONNECT 1\r\nx\r\n")) == [.open, .disconnect])
    }

    @Test func `A close of one byte has no code, and any code can be read`() throws {
        #expect(try WebSocketEvent.decode(wire("CLOSE 1\r\n\u{03}\r\n")) == [.close(nil)])
        guard case .close(let close?)? = try WebSocketEvent.decode(wire("CLOSE 2\r\n\u{0}\u{0}\r\n")).first else {
            Issue.record("no close")
            return
        }
        #expect(close.code == 0)
        #expect(!close.code.isSendable)
    }

    @Test func `A close reason that is not UTF-8 costs the reason, not the code`() throws {
        guard case .close(let close?)? = try WebSocketEvent.decode(wire("CLOSE 3\r\n\u{03}\u{E8}\u{FF}\r\n")).first
        else {
            Issue.record("no close")
            return
        }
        #expect(close.code == .normalClosure)
        #expect(close.reason == "\u{FFFD}")
    }

    @Test func `Content is counted in bytes`() {
        #expect(WebSocketEvent.text("é€").contentByteCount == 5)
        #expect(WebSocketEvent.open.contentByteCount == 0)
        #expect(WebSocketEvent.close(nil).contentByteCount == 0)
        #expect(WebSocketEvent.close(try! WebSocketClose(1000, reason: "é")).contentByteCount == 4)
    }
}
