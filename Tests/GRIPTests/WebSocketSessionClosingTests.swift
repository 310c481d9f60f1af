import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite struct WebSocketSessionClosingTests {
    @Test func `Closing without a code is a bare CLOSE`() throws {
        var session = try WebSocketSession("TEXT 1\r\na\r\n")
        session.close()
        #expect(try session.makeResponse().wireBody == "CLOSE\r\n")
    }

    @Test func `Closing with a code and a reason writes both`() throws {
        var session = try WebSocketSession("")
        try session.close(code: 4001, reason: "because reasons")
        #expect(try session.makeResponse().wireBody == "CLOSE 11\r\n\u{0F}\u{A1}because reasons\r\n")
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 5000] as [WebSocketCloseCode])
    func `A code that must not be sent is refused, and the connection stays`(code: WebSocketCloseCode) throws {
        var session = try WebSocketSession("")
        #expect(throws: GRIPError.self) { try session.close(code: code) }
        #expect(throws: GRIPError.self) { try session.close(code: 1000, reason: String(repeating: "x", count: 124)) }
        session.send("still here")
        #expect(try session.makeResponse().wireBody == "TEXT c\r\nm:still here\r\n")
    }

    @Test func `The code of a client that gives a reason is seen`() throws {
        let session = try WebSocketSession("CLOSE 5\r\n\u{03}\u{E9}why\r\n")
        #expect(session.isClosing)
        #expect(session.closeCode == .goingAway)
        #expect(session.closeReason == "why")
        #expect(!session.isDisconnected)
        let bare = try WebSocketSession("CLOSE\r\n")
        #expect(bare.isClosing)
        #expect(bare.closeCode == nil)
        #expect(bare.closeReason == "")
        let open = try WebSocketSession("")
        #expect(!open.isClosing)
        #expect(open.closeCode == nil)
    }

    @Test(arguments: [
        ("CLOSE 5\r\n\u{03}\u{E9}why\r\n", "CLOSE 2\r\n\u{03}\u{E9}\r\n"),
        ("CLOSE 2\r\n\u{0F}\u{A1}\r\n", "CLOSE 2\r\n\u{0F}\u{A1}\r\n"),
        ("CLOSE\r\n", "CLOSE\r\n"),
        ("CLOSE 2\r\n\u{03}\u{ED}\r\n", "CLOSE\r\n"),
        ("CLOSE 2\r\n\u{0}\u{0}\r\n", "CLOSE\r\n"),
    ])
    func `A client's close is answered with its code if that may be sent`(body: String, answer: String) throws {
        var session = try WebSocketSession(body)
        #expect(try session.makeResponse().wireBody == answer)
        session.send("last words")
        #expect(try session.makeResponse().wireBody == "TEXT c\r\nm:last words\r\n" + answer)
    }

    @Test func `The handler's own answer to a close counts`() throws {
        var session = try WebSocketSession("CLOSE 2\r\n\u{03}\u{E9}\r\n")
        try session.close(code: .policyViolation)
        #expect(try session.makeResponse().wireBody == "CLOSE 2\r\n\u{03}\u{F0}\r\n")
    }

    @Test func `What is sent after the end is dropped`() throws {
        var session = try WebSocketSession("PING\r\n")
        session.close()
        session.send("x")
        session.sendBinary([1])
        session.subscribe(to: "a")
        try session.close(code: 1001)
        session.disconnect()
        #expect(try session.makeResponse().wireBody == "PONG\r\nCLOSE\r\n")
        var cut = try WebSocketSession("PING\r\n")
        cut.disconnect()
        cut.send("x")
        cut.close()
        #expect(try cut.makeResponse().wireBody == "DISCONNECT\r\n")
    }

    @Test func `A client that is gone is sent nothing`() throws {
        var session = try WebSocketSession("TEXT 1\r\na\r\nPING\r\nDISCONNECT\r\n")
        #expect(session.isDisconnected)
        #expect(!session.isClosing)
        #expect(session.receive() == .message("a"))
        session.send("x")
        session.close()
        #expect(session.receive() == .disconnect)
        #expect(session.receive() == nil)
        let response = try session.makeResponse()
        #expect(response.wireBody == "")
        #expect(response.status == .ok)
    }

    @Test func `A client that closes and is gone is sent nothing`() throws {
        #expect(try WebSocketSession("CLOSE\r\nDISCONNECT\r\n").makeResponse().wireBody == "")
    }

    @Test func `What a proxy reports after a close is not believed`() throws {
        let session = try WebSocketSession("CLOSE\r\nTEXT 1\r\na\r\nPING\r\nCLOSE 2\r\n\u{03}\u{E9}\r\n")
        #expect(session.messages.isEmpty)
        #expect(session.closeCode == nil)
        #expect(try session.makeResponse().wireBody == "CLOSE\r\n")
    }

    @Test func `A connection that is opened and closed at once is answered in that order`() throws {
        var session = try WebSocketSession("OPEN\r\nPING\r\nCLOSE\r\n")
        session.accept()
        #expect(try session.makeResponse().wireBody == "OPEN\r\nPONG\r\nCLOSE\r\n")
    }
}
