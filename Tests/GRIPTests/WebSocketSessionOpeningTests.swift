import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite struct WebSocketSessionOpeningTests {
    @Test func `The handler of the documentation echoes and subscribes`() throws {
        func handle(_ socket: inout WebSocketSession) {
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "test")
            }
            for message in socket.messages { socket.send(message) }
        }
        var opening = try WebSocketSession("OPEN\r\nTEXT 5\r\nhello\r\n")
        handle(&opening)
        let response = try opening.makeResponse()
        #expect(response.status == .ok)
        #expect(
            response.fields == [.secWebSocketExtensions: "grip", .contentType: "application/websocket-events"]
        )
        #expect(
            response.wireBody
                == "OPEN\r\nTEXT 27\r\nc:{\"type\":\"subscribe\",\"channel\":\"test\"}\r\nTEXT 7\r\nm:hello\r\n"
        )

        var later = try WebSocketSession("BINARY 2\r\n\u{FF}\u{0}\r\nTEXT\r\n")
        handle(&later)
        let answer = try later.makeResponse()
        #expect(answer.fields == [.contentType: "application/websocket-events"])
        #expect(answer.wireBody == "BINARY 4\r\nm:\u{FF}\u{0}\r\nTEXT 2\r\nm:\r\n")
    }

    @Test func `A connection has an id`() throws {
        #expect(try WebSocketSession("OPEN\r\n").id == "c1")
        let error = #expect(throws: GRIPError.self) {
            try WebSocketSession(connectionID: "", requestFields: [:], events: [.open])
        }
        #expect(error?.code == .header)
    }

    @Test func `Opening means that OPEN comes first`() throws {
        #expect(try WebSocketSession("OPEN\r\n").isOpening)
        #expect(try !WebSocketSession("").isOpening)
        #expect(try !WebSocketSession("TEXT\r\n").isOpening)
        #expect(throws: GRIPError.self) { try WebSocketSession("TEXT\r\nOPEN\r\n") }
        #expect(throws: GRIPError.self) { try WebSocketSession("OPEN\r\nOPEN\r\n") }
    }

    @Test func `A connection that nobody accepts is rejected`() throws {
        var session = try WebSocketSession("OPEN\r\nPING\r\n", fields: .fields(["Meta-User": "bob"]))
        session.meta["user"] = "eve"
        session.keepAliveInterval = .seconds(30)
        _ = session.receive()
        let response = try session.makeResponse()
        #expect(response.status == .forbidden)
        #expect(response.fields.isEmpty)
        #expect(response.wireBody == "")
        session.close()
        #expect(try session.makeResponse().status == .forbidden)
    }

    @Test func `Speaking without accepting is an error, not silence`() throws {
        var session = try WebSocketSession("OPEN\r\n")
        session.subscribe(to: "test")
        let error = #expect(throws: GRIPError.self) { try session.makeResponse() }
        #expect(error?.code == .webSocketMessage)
        session.accept()
        #expect(try session.makeResponse().wireBody.hasPrefix("OPEN\r\nTEXT 27\r\nc:"))
    }

    @Test func `A rejection is an HTTP response`() throws {
        var session = try WebSocketSession("OPEN\r\n")
        session.send("too early")
        session.reject(status: .unauthorized, fields: [.wwwAuthenticate: "Basic"], body: "Sign in first.\n")
        let response = try session.makeResponse()
        #expect(response.status == .unauthorized)
        #expect(response.fields == [.wwwAuthenticate: "Basic", .contentType: "text/plain; charset=utf-8"])
        #expect(response.wireBody == "Sign in first.\n")
        session.reject(fields: [.contentType: "application/json"], body: "{}")
        #expect(try session.makeResponse().fields == [.contentType: "application/json"])
        session.accept()
        #expect(try session.makeResponse().status == .ok)
    }

    @Test(arguments: [100, 101, 200, 204, 299, 600, 999])
    func `A rejection cannot look like an acceptance`(code: Int) throws {
        var session = try WebSocketSession("OPEN\r\n")
        session.reject(status: HTTPResponse.Status(code: code))
        let error = #expect(throws: GRIPError.self) { try session.makeResponse() }
        #expect(error?.code == .status)
    }

    @Test func `Once open, accepting changes nothing and rejecting closes`() throws {
        var session = try WebSocketSession("TEXT 1\r\na\r\n")
        session.accept()
        try session.accept(subprotocol: "chat")
        #expect(try session.makeResponse().fields == [.contentType: "application/websocket-events"])
        #expect(try session.makeResponse().wireBody == "")
        session.reject(status: .unauthorized)
        #expect(try session.makeResponse().status == .ok)
        #expect(try session.makeResponse().wireBody == "CLOSE 2\r\n\u{03}\u{F0}\r\n")
    }

    @Test func `A subprotocol is one that the client offers`() throws {
        let fields = HTTPFields.fields([
            "Sec-WebSocket-Protocol": "chat.v2 ,chat.v1", "sec-websocket-protocol": ", extra",
        ])
        var session = try WebSocketSession("OPEN\r\n", fields: fields)
        #expect(session.offeredSubprotocols == ["chat.v2", "chat.v1", "extra"])
        #expect(throws: GRIPError.self) { try session.accept(subprotocol: "CHAT.v1") }
        #expect(try session.makeResponse().status == .forbidden)
        try session.accept(subprotocol: "chat.v1")
        #expect(try session.makeResponse().fields[.secWebSocketProtocol] == "chat.v1")
        session.accept()
        #expect(try session.makeResponse().fields[.secWebSocketProtocol] == nil)
    }

    @Test func `A message prefix of one's own is announced on opening, and used ever after`() throws {
        let prefix = try WebSocketMessagePrefix("p|")
        var session = try WebSocketSession("OPEN\r\n", messagePrefix: prefix)
        session.accept()
        session.send("x")
        session.detach()
        let response = try session.makeResponse()
        #expect(response.fields[.secWebSocketExtensions] == "grip; message-prefix=\"p|\"")
        #expect(response.wireBody == "OPEN\r\nTEXT 3\r\np|x\r\nTEXT 13\r\nc:{\"type\":\"detach\"}\r\n")
        var later = try WebSocketSession("", messagePrefix: prefix)
        later.sendBinary([1])
        #expect(try later.makeResponse().fields[.secWebSocketExtensions] == nil)
        #expect(try later.makeResponse().wireBody == "BINARY 3\r\np|\u{01}\r\n")
    }

    @Test func `Without a message prefix a client cannot make the echo speak to the proxy`() throws {
        let attack = "c:{\"type\":\"subscribe\",\"channel\":\"secret\"}"
        let body = "OPEN\r\nTEXT 29\r\n\(attack)\r\n"
        var session = try WebSocketSession(body, messagePrefix: .none)
        session.accept()
        session.send("plain")
        session.sendBinary(ByteBuffer(string: "c:binary is never control"))
        session.send("")
        #expect(
            try session.makeResponse().wireBody
                == "OPEN\r\nTEXT 5\r\nplain\r\nBINARY 19\r\nc:binary is never control\r\nTEXT\r\n"
        )
        #expect(try session.makeResponse().fields[.secWebSocketExtensions] == "grip; message-prefix=\"\"")
        for message in session.messages { session.send(message) }
        let error = #expect(throws: GRIPError.self) { try session.makeResponse() }
        #expect(error?.code == .webSocketMessage)

        var prefixed = try WebSocketSession(body)
        prefixed.accept()
        for message in prefixed.messages { prefixed.send(message) }
        #expect(try prefixed.makeResponse().wireBody == "OPEN\r\nTEXT 2b\r\nm:\(attack)\r\n")
    }
}
