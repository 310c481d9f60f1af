import GRIP
import NIOCore
import Testing

@Suite struct WebSocketSessionMessageTests {
    @Test func `Messages are of this batch, typed and in order`() throws {
        let session = try WebSocketSession(
            "TEXT 2\r\n\u{C3}\u{A9}\r\nPING\r\nPONG 1\r\nx\r\nBINARY 1\r\n\u{FF}\r\nTEXT\r\n"
        )
        #expect(session.messages == ["é", .binary(ByteBuffer(bytes: [0xFF])), ""])
        #expect(try WebSocketSession("").messages.isEmpty)
    }

    @Test func `Receiving goes through everything and then gives nothing, ever`() throws {
        var session = try WebSocketSession(
            "TEXT 1\r\na\r\nPING\r\nBINARY 1\r\nb\r\nCLOSE 5\r\n\u{03}\u{E9}why\r\nDISCONNECT\r\n"
        )
        #expect(session.receive() == .message("a"))
        #expect(session.receive() == .message(.binary(ByteBuffer(string: "b"))))
        #expect(session.receive() == .close(try WebSocketClose(1001, reason: "why")))
        #expect(session.receive() == .disconnect)
        #expect(session.receive() == nil)
        #expect(session.receive() == nil)
        #expect(session.messages.count == 2)
    }

    @Test func `An empty batch, as a poll makes it, has nothing to receive`() throws {
        var session = try WebSocketSession("")
        #expect(session.receive() == nil)
        #expect(try session.makeResponse().wireBody == "")
        session.send("tick")
        #expect(try session.makeResponse().wireBody == "TEXT 6\r\nm:tick\r\n")
    }

    @Test func `A response can be made again`() throws {
        var session = try WebSocketSession("PING\r\nCLOSE\r\n")
        let first = try session.makeResponse()
        #expect(try session.makeResponse() == first)
        session.send("x")
        #expect(try session.makeResponse().wireBody == "TEXT 3\r\nm:x\r\nPONG\r\nCLOSE\r\n")
    }

    @Test func `A PING is answered with its payload though nothing else is in the batch`() throws {
        #expect(try WebSocketSession("PING 2\r\npp\r\n").makeResponse().wireBody == "PONG 2\r\npp\r\n")
        #expect(
            try WebSocketSession("PING\r\nPING 1\r\n\u{FF}\r\n").makeResponse().wireBody
                == "PONG\r\nPONG 1\r\n\u{FF}\r\n"
        )
        var received = try WebSocketSession("PING 2\r\npp\r\n")
        #expect(received.receive() == nil)
        #expect(try received.makeResponse().wireBody == "PONG 2\r\npp\r\n")
    }

    @Test func `A PONG of the client is not answered`() throws {
        #expect(try WebSocketSession("PONG 2\r\npp\r\n").makeResponse().wireBody == "")
    }

    @Test func `A PONG follows the answers to what came before the PING`() throws {
        let body = "TEXT 1\r\na\r\nPING 1\r\n1\r\nTEXT 1\r\nb\r\nPING 1\r\n2\r\n"
        var oneByOne = try WebSocketSession(body)
        while case .message(let message)? = oneByOne.receive() { oneByOne.send(message) }
        #expect(
            try oneByOne.makeResponse().wireBody
                == "TEXT 3\r\nm:a\r\nPONG 1\r\n1\r\nTEXT 3\r\nm:b\r\nPONG 1\r\n2\r\n"
        )
        var together = try WebSocketSession(body)
        for message in together.messages { together.send(message) }
        #expect(
            try together.makeResponse().wireBody
                == "TEXT 3\r\nm:a\r\nTEXT 3\r\nm:b\r\nPONG 1\r\n1\r\nPONG 1\r\n2\r\n"
        )
        var partly = try WebSocketSession(body)
        #expect(partly.receive() == .message("a"))
        #expect(partly.receive() == .message("b"))
        #expect(try partly.makeResponse().wireBody == "PONG 1\r\n1\r\nPONG 1\r\n2\r\n")
    }

    @Test func `A PONG goes before the handler's close`() throws {
        var session = try WebSocketSession("PING 1\r\n1\r\n")
        session.close()
        #expect(session.receive() == nil)
        #expect(try session.makeResponse().wireBody == "PONG 1\r\n1\r\nCLOSE\r\n")
    }

    @Test func `Lengths on the wire count bytes`() throws {
        var session = try WebSocketSession("")
        session.send("é€")
        session.send(.binary(ByteBuffer(bytes: [1, 2])))
        session.sendBinary([3] as [UInt8])
        #expect(
            try session.makeResponse().wireBody
                == "TEXT 7\r\nm:\u{C3}\u{A9}\u{E2}\u{82}\u{AC}\r\nBINARY 4\r\nm:\u{1}\u{2}\r\nBINARY 3\r\nm:\u{3}\r\n"
        )
    }

    @Test func `Text that is not UTF-8 closes with 1007 after what was valid`() throws {
        var session = try WebSocketSession("TEXT 1\r\na\r\nTEXT 1\r\n\u{FF}\r\nTEXT 1\r\nb\r\n")
        #expect(session.messages == ["a"])
        #expect(session.isClosing)
        #expect(session.closeCode == .invalidPayload)
        for message in session.messages { session.send(message) }
        let expected = "TEXT 3\r\nm:a\r\nCLOSE 1d\r\n\u{03}\u{EF}a text message is not UTF-8\r\n"
        #expect(try session.makeResponse().wireBody == expected)
        #expect(session.receive() == .message("a"))
        guard case .close(let close?)? = session.receive() else {
            Issue.record("the close is not received")
            return
        }
        #expect(close.code == .invalidPayload)
        #expect(session.receive() == nil)
        session.close()
        #expect(try session.makeResponse().wireBody == expected)
    }

    @Test func `Bytes that are not UTF-8 are fine in a binary message`() throws {
        let session = try WebSocketSession("BINARY 1\r\n\u{FF}\r\n")
        #expect(session.messages == [.binary(ByteBuffer(bytes: [0xFF]))])
        #expect(!session.isClosing)
    }

    @Test func `A response that no proxy would take is an error`() throws {
        var session = try WebSocketSession("")
        session.sendBinary(ByteBuffer(repeating: 0, count: 999_982))
        #expect(try session.makeResponse().body.readableBytes == 1_000_000)
        session.send("")
        #expect(throws: GRIPError.self) { try session.makeResponse() }
    }
}
