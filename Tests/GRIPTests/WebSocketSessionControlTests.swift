import GRIP
import NIOCore
import Testing

@Suite struct WebSocketSessionControlTests {
    private func control(
        prefix: GRIPPrefix = .none,
        _ body: (inout WebSocketSession) throws -> Void
    ) throws -> [WebSocketControlMessage] {
        var session = try WebSocketSession("", prefix: prefix)
        try body(&session)
        return try WebSocketEvent.decode(session.makeResponse().body).map { event in
            guard case .text(var text) = event, text.readString(length: 2) == "c:" else {
                throw GRIPError(.webSocketMessage, "not a control message")
            }
            return try WebSocketControlMessage(parsing: text)
        }
    }

    @Test func `The channel prefix is put before subscriptions and their ends alike, with the filters`() throws {
        let messages = try self.control(prefix: GRIPPrefix("app-")) { session in
            session.subscribe(to: try GRIPChannel("room", previousID: "7", filters: [.skipSelf]))
            session.unsubscribe(from: try GRIPChannel("room", filters: [.skipSelf]))
            session.unsubscribe(from: "other")
        }
        let room = try GRIPChannel("app-room", filters: [.skipSelf])
        #expect(messages == [.subscribe(room), .unsubscribe("app-room"), .unsubscribe("app-other")])
    }

    @Test func `A control message is taken as it is`() throws {
        #expect(
            try self.control(prefix: GRIPPrefix("app-")) { $0.sendControl(.subscribe("room")) } == [.subscribe("room")]
        )
    }

    @Test func `Everything that a proxy understands can be said`() throws {
        let messages = try self.control { session in
            session.detach()
            try session.setFilterMeta("user", to: "bob")
            try session.setFilterMeta("user", to: nil)
            try session.keepAlive(sending: .ping(ByteBuffer()), every: .milliseconds(1500), mode: .interval)
            try session.keepAlive(sending: .text("KA"))
            session.stopKeepAlive()
            try session.sendDelayed(.text("later"), after: .seconds(3))
            session.flushDelayed()
            session.sendControl(.session(id: "s"))
        }
        #expect(
            messages == [
                .detach, .setMeta(try .init("user", "bob")), .setMeta(try .init("user", nil)),
                .keepAlive(try .init(.ping(ByteBuffer()), timeout: .seconds(2), mode: .interval)),
                .keepAlive(try .init(.text("KA"))), .keepAlive(nil),
                .sendDelayed(try .init(.text("later"), timeout: .seconds(3))), .flushDelayed, .session(id: "s"),
            ]
        )
    }

    @Test func `What is malformed is refused at once`() throws {
        var session = try WebSocketSession("")
        #expect(throws: GRIPError.self) { try session.setFilterMeta("", to: "x") }
        let long = WebSocketTimedMessage.ping(ByteBuffer(repeating: 0, count: 126))
        #expect(throws: GRIPError.self) { try session.keepAlive(sending: long) }
        #expect(throws: GRIPError.self) { try session.sendDelayed(long) }
        #expect(try session.makeResponse().wireBody == "")
    }
}
