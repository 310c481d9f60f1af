import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdGRIPTesting
import HummingbirdTesting
import NIOCore
import Testing

/// The samples of "WebSockets".
@Suite struct WebSocketSamples {
    let application = TestApplication()
    let presence = SamplePresence()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        let users = SampleUsers()
        let rooms = SampleRooms()
        let presence = self.presence

        router.webSocketOverHTTP("echo") { socket, request, context in
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "test")
            }
            for message in socket.messages { socket.send(message) }
        }
        router.post("broadcast") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            try await grip.publish(.webSocketMessage("\(text)"), to: "test")
            return "Ok\n"
        }

        router.webSocketOverHTTP("rooms") { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                socket.join("lobby")
            }
            for room in socket.joined {
                for message in rooms.history(of: room) { socket.send(message) }
            }
            for room in socket.left {
                try await grip.publish(.webSocketMessage("somebody has left"), to: room)
            }
            for case .text(let text) in socket.messages {
                switch text {
                case "leave": socket.leave("lobby")
                default: try await grip.publish(.webSocketMessage("\(rooms.write(text, in: "lobby"))"), to: "lobby")
                }
            }
        }

        let origins = WebSocketOriginPolicy.sameHostWithCookies.allowing("https://app.example.com")
        router.webSocketOverHTTP("feed", origins: origins) { socket, _, _ in
            if socket.isOpening { socket.accept() }
        }

        router.webSocketOverHTTP("greetings") { socket, _, _ in
            if socket.isOpening { socket.accept() }
            try greet(&socket, "ann")
        }

        router.webSocketOverHTTP("inputs") { socket, _, _ in
            if socket.isOpening { socket.accept() }
            while let input = socket.receive() {
                switch input {
                case .message(.text(let text)): socket.send("text of \(text.utf8.count) bytes")
                case .message(.binary(let bytes)): socket.send("\(bytes.readableBytes) bytes")
                case .close, .disconnect: presence.left(socket.id)
                }
            }
        }

        router.webSocketOverHTTP("chat") { socket, request, _ in
            if socket.isOpening {
                guard let user = users.user(for: request) else {
                    socket.reject(status: .unauthorized, body: "log in first\n")
                    return
                }
                socket.meta["user"] = user
                socket.accept()
                socket.subscribe(to: "chat")
            }
            guard let user = socket.meta["user"] else { return }
            for case .text(let text) in socket.messages {
                try await grip.publish(.webSocketMessage("\(user): \(text)"), to: "chat")
            }
        }

        router.webSocketOverHTTP("protocols") { socket, _, _ in
            if socket.isOpening {
                guard socket.offeredSubprotocols.contains("chat.v2") else {
                    socket.reject(status: .badRequest, body: "speak chat.v2\n")
                    return
                }
                try socket.accept(subprotocol: "chat.v2")
                socket.responseFields[.setCookie] = "seen=1"
            }
        }

        router.webSocketOverHTTP("alerts") { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                try socket.setFilterMeta("user", to: "u1")
                socket.subscribe(to: try GRIPChannel("alerts", filters: [.skipSelf]))
                try socket.keepAlive(sending: .ping(ByteBuffer()), every: .seconds(30))
                try socket.sendDelayed(.text("still there?"), after: .seconds(10))
            }
        }

        router.webSocketOverHTTP("raw", messagePrefix: .none) { socket, _, _ in
            if socket.isOpening { socket.accept() }
            for message in socket.messages { socket.send(message) }
        }

        router.webSocketOverHTTP("closing") { socket, _, _ in
            switch socket.messages.first {
            case "close":
                socket.close()  // the client sees 1000
            case "policy":
                try socket.close(code: .policyViolation, reason: "too many messages")
            default:
                socket.disconnect()  // cuts the connection without a closing handshake
            }
        }
    }

    private func closeAll(_ grip: GRIPOrigin) async throws {
        try await grip.publish(.webSocketClose(WebSocketClose(.goingAway, reason: "maintenance")), to: "chat")
    }

    @Test func aChatKnowsWhoSpeaks() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var stranger = GRIPTestWebSocket(through: proxy)
            let rejected = try await client.send(.open, on: &stranger, to: "/chat")
            #expect(rejected.status == .unauthorized)
            #expect(rejected.rejection == ByteBuffer(string: "log in first\n"))

            var socket = GRIPTestWebSocket(through: proxy, handshake: [.authorization: "ann"])
            let answer = try await client.send(.open, on: &socket, to: "/chat")
            #expect(answer.subscriptions == ["chat"])
            #expect(socket.meta == ["user": "ann"])
            _ = try await client.send(.text("hi"), on: &socket, to: "/chat")
            #expect(try await client.post("/broadcast", "all").status == .ok)
        }
        #expect(
            self.application.publisher.publications(to: "chat").first?.item == GRIPItem(.webSocketMessage("ann: hi"))
        )
        #expect(self.application.publisher.publications(to: "test").count == 1)
    }

    @Test func aRoomIsJoinedWithItsHistoryAndLeft() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var first = GRIPTestWebSocket(through: proxy, path: "/rooms")
            var answer = try await client.send(.open, on: &first)
            #expect(answer.subscriptions == ["lobby"] && answer.messages.isEmpty)
            try await client.send("hello", on: &first)

            var second = GRIPTestWebSocket(through: proxy, path: "/rooms")
            answer = try await client.send(.open, on: &second)
            answer = try await client.answerPings(of: answer, on: &second)
            #expect(answer.messages == ["1: hello"])
            #expect(second.meta.isEmpty)
            answer = try await client.send("leave", on: &second)
            try await client.answerPings(of: answer, on: &second)

            var greeted = GRIPTestWebSocket(through: proxy, path: "/greetings")
            #expect(try await client.send(.open, on: &greeted).subscriptions == ["user-ann"])
            var feed = GRIPTestWebSocket(
                through: proxy,
                path: "/feed",
                handshake: [.origin: "https://app.example.com", .cookie: "a=b"]
            )
            #expect(try await client.send(.open, on: &feed).isAccepted)
        }
        let items = self.application.publisher.publications(to: "lobby").map(\.item.webSocketMessage?.action)
        #expect(items == [.send(.text, "1: hello"), .send(.text, "somebody has left")])
    }

    @Test func inputsAreTakenInOrder() async throws {
        let proxy = self.application.proxy
        let presence = self.presence
        try await self.application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy)
            var answer = try await client.send(.open, on: &socket, to: "/inputs")
            #expect(answer.isAccepted)
            answer = try await client.send(
                .text("hello"),
                .binary(ByteBuffer(bytes: [1, 2])),
                .close(nil),
                on: &socket,
                to: "/inputs"
            )
            #expect(answer.messages == ["text of 5 bytes", "2 bytes"])
            #expect(presence.left == [socket.id])
        }
    }

    @Test func subprotocolsAndControlMessagesAndPrefixes() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var wrong = GRIPTestWebSocket(through: proxy)
            var answer = try await client.send(.open, on: &wrong, to: "/protocols")
            #expect(answer.status == .badRequest)
            var right = GRIPTestWebSocket(through: proxy, handshake: [.secWebSocketProtocol: "chat.v1, chat.v2"])
            answer = try await client.send(.open, on: &right, to: "/protocols")
            #expect(answer.subprotocol == "chat.v2")

            var alerts = GRIPTestWebSocket(through: proxy)
            answer = try await client.send(.open, on: &alerts, to: "/alerts")
            #expect(answer.controlMessages.count == 4)

            var raw = GRIPTestWebSocket(through: proxy)
            answer = try await client.send(.open, on: &raw, to: "/raw")
            #expect(answer.isAccepted)
            answer = try await client.send(.text("x"), on: &raw, to: "/raw")
            #expect(answer.messages == ["x"])

            var echo = GRIPTestWebSocket(through: proxy)
            answer = try await client.send(.open, .text("x"), on: &echo, to: "/echo")
            #expect(answer.messages == ["x"])
        }
    }

    @Test func thereAreThreeWaysToEnd() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy)
            var answer = try await client.send(.text("close"), on: &socket, to: "/closing")
            #expect(answer.events == [.close(nil)])
            answer = try await client.send(.text("policy"), on: &socket, to: "/closing")
            #expect(answer.close??.code == .policyViolation)
            answer = try await client.send(.text("cut"), on: &socket, to: "/closing")
            #expect(answer.events == [.disconnect])
        }
        try await self.closeAll(self.application.origin())
        #expect(
            self.application.publisher.publications(to: "chat").first?.item.webSocketMessage?.action
                == .close(code: 1001, reason: "maintenance")
        )
    }
}

func greet(_ socket: inout WebSocketSession, _ user: String) throws {
    socket.send("welcome, \(user)")
    try socket.subscribe(to: "user-\(user)")
}
