import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite struct WebSocketSessionJoiningTests {
    /// A connection whose meta is remembered as a proxy does.
    private struct Connection {
        var fields: HTTPFields = [:]
        var pings: [ByteBuffer] = []
        var controls: [WebSocketControlMessage] = []

        mutating func request(
            _ events: [WebSocketEvent],
            prefix: GRIPPrefix = .none,
            _ handle: (inout WebSocketSession) throws -> Void
        ) throws {
            var session = try WebSocketSession(
                connectionID: "c",
                requestFields: self.fields,
                events: events,
                prefix: prefix
            )
            try handle(&session)
            let response = try session.makeResponse()
            for field in response.fields {
                let name = field.name.canonicalName
                guard name.hasPrefix("set-meta-"), let meta = HTTPField.Name(String(name.dropFirst(4))) else {
                    continue
                }
                self.fields[meta] = field.value.isEmpty ? nil : field.value
            }
            self.pings = []
            self.controls = []
            for event in try WebSocketEvent.decode(response.body) {
                switch event {
                case .ping(let payload): self.pings.append(payload)
                case .text(var text):
                    if text.readString(length: 2) == "c:" {
                        // A ping before its control message would be answered too early.
                        #expect(self.pings.count == self.controls.count)
                        self.controls.append(try WebSocketControlMessage(parsing: text))
                    }
                default: continue
                }
            }
        }
    }

    @Test func `A pong tells that the subscription stands`() throws {
        var connection = Connection()
        let prefix = try GRIPPrefix("app-")
        try connection.request([.open], prefix: prefix) { session in
            session.accept()
            session.join("room")
            try session.join("\("übung") %:")
            #expect(session.joined.isEmpty)
        }
        #expect(connection.controls == [.subscribe("app-room"), .subscribe("app-übung %:")])
        let pings = connection.pings
        #expect(pings.count == 2 && pings.allSatisfy { (1...125).contains($0.readableBytes) })

        try connection.request([.text("hello")], prefix: prefix) { session in
            #expect(session.joined.isEmpty)
            #expect(session.meta.isEmpty)
            session.meta = ["user": "ann"]
        }
        try connection.request([.pong(pings[1]), .text("x")], prefix: prefix) { session in
            #expect(session.joined == ["übung %:"])
            #expect(session.messages == ["x"])
        }
        try connection.request([.pong(pings[1]), .pong(pings[0])], prefix: prefix) { session in
            #expect(session.joined == ["room"])
            #expect(session.meta == ["user": "ann"])
        }
        try connection.request([.pong(pings[0])], prefix: prefix) { #expect($0.joined.isEmpty) }
        #expect(connection.fields.count == 1)
    }

    @Test func `A channel that the proxy leaves out is told once, and is not joined`() throws {
        var connection = Connection()
        let prefix = try GRIPPrefix("app-")
        connection.fields[.gripFeature] = "status, channels:2"
        try connection.request([.open], prefix: prefix) { session in
            #expect(session.channelLimit == 2)
            #expect(session.leftOut.isEmpty)
            session.accept()
            session.join("one")
            try session.join("\("zwölf") %:")
        }
        let pings = connection.pings
        connection.fields[.gripLeftOut] = "app-zw%C3%B6lf%20%25%3A, other-x, %zz"
        try connection.request([.text("x")], prefix: prefix) { session in
            #expect(session.leftOut == ["zwölf %:"])
            #expect(session.joined.isEmpty)
        }
        connection.fields[.gripLeftOut] = nil
        try connection.request([.pong(pings[0]), .pong(pings[1])], prefix: prefix) { session in
            #expect(session.leftOut.isEmpty)
            #expect(session.joined == ["one"])
        }
    }

    @Test func `A channel can be left out in the request that has the pong`() throws {
        var connection = Connection()
        try connection.request([.open]) { session in
            session.accept()
            session.join("one")
        }
        let pings = connection.pings
        connection.fields[.gripLeftOut] = "one"
        try connection.request([.pong(pings[0])]) { session in
            #expect(session.leftOut == ["one"])
            #expect(session.joined.isEmpty)
            #expect(session.channelLimit == nil)
        }
    }

    @Test func `A pong tells that a subscription has ended`() throws {
        var connection = Connection()
        try connection.request([.text("x")]) { session in
            session.leave("room")
            try session.leave("room-\(2)")
            session.join("other")
        }
        #expect(connection.controls == [.unsubscribe("room"), .unsubscribe("room-2"), .subscribe("other")])
        try connection.request(connection.pings.map { .pong($0) }) { session in
            #expect(session.left == ["room", "room-2"])
            #expect(session.joined == ["other"])
        }
        #expect(connection.fields.isEmpty)
    }

    @Test func `A pong of the client's own invention tells nothing`() throws {
        var connection = Connection()
        try connection.request([.open]) { session in
            session.accept()
            session.join("room")
        }
        let inventions = ["", "grip:", "grip:1", "room", "grip:room", "\u{FFFD}"]
        try connection.request(inventions.map { .pong(ByteBuffer(string: $0)) }) { #expect($0.joined.isEmpty) }
        try connection.request([.pong(ByteBuffer(bytes: [0xFF, 0xFE]))]) { #expect($0.joined.isEmpty) }
    }

    @Test func `Meta that is no list of ours tells nothing`() throws {
        for text in ["x", ":::", "a:join", "a:join:%", ",,,", "a:join:%FF"] {
            var connection = Connection()
            connection.fields = [try #require(HTTPField.Name("Meta-grip-pending")): text]
            try connection.request([.pong(ByteBuffer(string: "grip:a"))]) { session in
                #expect(session.joined.isEmpty && session.left.isEmpty)
                #expect(session.meta.isEmpty)
            }
            #expect(connection.fields.isEmpty)
        }
    }

    @Test func `Who does not answer pings costs no more than a header`() throws {
        var connection = Connection()
        for _ in 0..<50 {
            try connection.request([.text("x")]) { session in
                for number in 0..<10 { try session.join("room-\(number)") }
            }
        }
        let value = try #require(connection.fields.first?.value)
        #expect(value.split(separator: ",").count == 64)
        try connection.request([.pong(connection.pings[9])]) { #expect($0.joined == ["room-9"]) }
    }

    @Test func `Nothing is joined on a connection that has ended`() throws {
        var connection = Connection()
        try connection.request([.text("x")]) { session in
            session.close()
            session.join("room")
        }
        #expect(connection.pings.isEmpty && connection.fields.isEmpty)
        try connection.request([.disconnect]) { $0.leave("room") }
        #expect(connection.pings.isEmpty && connection.fields.isEmpty)
    }
}
