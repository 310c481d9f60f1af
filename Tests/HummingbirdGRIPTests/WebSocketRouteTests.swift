import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

@Suite struct WebSocketRouteTests {
    let application = TestApplication()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        router.webSocketOverHTTP("echo") { socket, _, _ in
            if socket.isOpening {
                if let protocolName = socket.offeredSubprotocols.last {
                    try socket.accept(subprotocol: protocolName)
                } else {
                    socket.accept()
                }
                socket.subscribe(to: "test")
                socket.responseFields[.setCookie] = "seen=1"
                socket.meta["opened"] = "yes"
            }
            for message in socket.messages { socket.send(message) }
            if let user = socket.meta["user"] { socket.send("you are \(user)") }
        }
        router.webSocketOverHTTP("small", maximumBodySize: 100) { socket, _, _ in socket.accept() }
    }

    @Test func aWebSocketIsOpenedEchoedAndClosed() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy)
            let opened = try await client.send(.open, on: &socket, to: "/echo")
            #expect(opened.isAccepted)
            #expect(opened.subscriptions == ["test"])
            #expect(opened.fields[.contentType] == "application/websocket-events")
            #expect(opened.fields[.secWebSocketExtensions] == "grip")
            #expect(socket.meta == ["opened": "yes"])

            let echoed = try await client.send(
                .text("hi"),
                .binary(ByteBuffer(bytes: [0, 255])),
                on: &socket,
                to: "/echo"
            )
            #expect(echoed.messages == [.text("hi"), .binary(ByteBuffer(bytes: [0, 255]))])

            let closed = try await client.send(
                .close(WebSocketClose(.goingAway, reason: "bye")),
                on: &socket,
                to: "/echo"
            )
            #expect(closed.close??.code == .goingAway)
        }
    }

    @Test func theHandlersOwnHeadersReachTheClient() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy, handshake: [.secWebSocketProtocol: "one, two"])
            let opened = try await client.send(.open, on: &socket, to: "/echo")
            #expect(opened.subprotocol == "two")
            #expect(opened.fields[.setCookie] == "seen=1")
        }
    }

    @Test func eventsWithoutSignatureAreRefused() async throws {
        let forger = GRIPTestProxy(secret: "guess")
        try await self.application.test(routes: self.routes) { client in
            for proxy in [nil, forger] {
                var socket = GRIPTestWebSocket(through: proxy, meta: ["user": "admin"])
                let answer = try await client.send(.open, on: &socket, to: "/echo")
                #expect(answer.status == .forbidden)
                #expect(answer.events.isEmpty)
            }
        }
    }

    @Test func metaIsOnlyBelievedWithASignature() async throws {
        var application = self.application
        application.configure = { $0.proxies = [try .pushpin()] }
        try await application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: GRIPTestProxy(), meta: ["user": "admin"])
            let answer = try await client.send(.text("hi"), on: &socket, to: "/echo")
            #expect(answer.messages == [.text("hi")])
        }
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy, meta: ["user": "admin"])
            let answer = try await client.send(.text("hi"), on: &socket, to: "/echo")
            #expect(answer.messages == [.text("hi"), .text("you are admin")])
        }
    }

    @Test func thePrefixIsAddedToSubscriptionsToo() async throws {
        var application = self.application
        application.configure = { $0.prefix = try GRIPPrefix("app-") }
        let proxy = application.proxy
        try await application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy)
            let answer = try await client.send(.open, on: &socket, to: "/echo")
            #expect(answer.subscriptions == ["app-test"])
        }
    }

    @Test func anythingElseIsABadRequestWithAReason() async throws {
        let signed = try self.application.proxy.fields()
        let request = try GRIPTestWebSocket(through: self.application.proxy).request(.text("hello"))
        try await self.application.test(routes: self.routes) { client in
            let get = try await client.get("/echo", signed)
            #expect(get.status == .badRequest)
            #expect(get.text.contains("application/websocket-events"))
            let json = try await client.execute(
                uri: "/echo",
                method: .post,
                headers: [.contentType: "application/json"],
                body: ByteBuffer(string: "{}")
            )
            #expect(json.status == .badRequest)

            var anonymous = request.fields
            anonymous[.connectionID] = nil
            let unnamed = try await client.execute(
                uri: "/echo",
                method: .post,
                headers: anonymous,
                body: request.body
            )
            #expect(unnamed.status == .badRequest)
            #expect(unnamed.text.contains("Connection-Id"))

            let torn = try await client.execute(
                uri: "/echo",
                method: .post,
                headers: request.fields,
                body: ByteBuffer(string: "TEXT 5\r\nhel")
            )
            #expect(torn.status == .badRequest)
            #expect(torn.text.contains("at byte"))
        }
    }

    /// A proxy that refuses events of its clients by the exact media type passes on, and signs, all of these.
    @Test(arguments: [
        ["Application/WebSocket-Events"], ["application/websocket-events ;x"],
        ["text/plain", "application/websocket-events"],
        ["application/websocket-events", "text/plain"], ["text/plain, application/websocket-events"],
        ["application/websocket-events; charset=utf-8"],
    ])
    func aMediaTypeThatAProxyDoesNotKnowAsEventsIsNotOfEvents(types: [String]) async throws {
        let request = try GRIPTestWebSocket(through: self.application.proxy, meta: ["user": "admin"])
            .request(.text("hi"))
        var fields = request.fields
        fields[values: .contentType] = types
        try await self.application.test(routes: self.routes) { [fields] client in
            let response = try await client.execute(uri: "/echo", method: .post, headers: fields, body: request.body)
            #expect(response.status == .badRequest)
        }
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        let request = try GRIPTestWebSocket(through: self.application.proxy)
            .request(.open, .text(String(repeating: "x", count: 200)))
        try await self.application.test(routes: self.routes) { client in
            let response = try await client.execute(
                uri: "/small",
                method: .post,
                headers: request.fields,
                body: request.body
            )
            #expect(response.status == .contentTooLarge)
        }
    }

    @Test func aBatchOfOnlyPingsIsAnswered() async throws {
        let proxy = self.application.proxy
        try await self.application.test(routes: self.routes) { client in
            var socket = GRIPTestWebSocket(through: proxy)
            let answer = try await client.send(
                .ping(ByteBuffer(string: "pp")),
                .ping(ByteBuffer()),
                on: &socket,
                to: "/echo"
            )
            #expect(answer.events == [.pong(ByteBuffer(string: "pp")), .pong(ByteBuffer())])
        }
    }
}
