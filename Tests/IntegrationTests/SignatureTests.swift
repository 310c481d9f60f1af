import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Testing

/// Who is believed to be the proxy.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SignatureTests {
    @Sendable private func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.get("state") { _, context in "\(context.grip.isProxied) \(context.grip.isSigned)" }
        router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
        router.webSocketOverHTTP("echo") { socket, _, _ in
            if socket.isOpening { socket.accept() }
            for message in socket.messages { socket.send(message) }
        }
    }

    @Test(arguments: ProxyUnderTest.all)
    func onlyWhatTheProxySignsIsProxied(_ proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(.behind(proxy), routes: self.routes) { application async throws in
            #expect(try await fetch("\(application.url)/state").body == "true true")
            #expect(try await fetch("\(try #require(application.originURL))/state").body == "false false")
            let forged = HTTPHeaders([("Grip-Sig", "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.")])
            #expect(
                try await fetch("\(try #require(application.originURL))/state", headers: forged).body == "false false"
            )
            // What a client claims does not get through the proxy either.
            #expect(try await fetch("\(application.url)/state", headers: forged).body == "true true")
        }
    }

    @Test(arguments: ProxyUnderTest.all)
    func aProxyWithAnotherKeyIsNotOurs(_ proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(
            .behind(proxy),
            routes: self.routes,
            settings: ["proxy.sig_key": "another"]
        ) { application async throws in
            #expect(try await fetch("\(application.url)/state").body == "false false")
            // Nothing is held for it, so the response ends.
            #expect(try await fetch("\(application.url)/stream").body == "open\n")
            let rejection = await #expect(throws: WebSocketRejected.self) {
                try await withWebSocket(port: application.port, path: "/echo") { _ in }
            }
            #expect(rejection?.status == .forbidden)
        }
    }

    @Test(arguments: ProxyUnderTest.all)
    func aProxyOfAnotherIssuerIsNotOurs(_ proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(.behind(proxy), routes: self.routes, settings: ["proxy.sig_iss": "other"]) {
            application async throws in
            #expect(try await fetch("\(application.url)/state").body == "false false")
        }
    }

    @Test(arguments: ProxyUnderTest.all)
    func eventsThatDoNotComeFromTheProxyAreRefused(_ proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(.behind(proxy), routes: self.routes) { application async throws in
            let headers: HTTPHeaders = [
                "Content-Type": "application/websocket-events", "Connection-Id": "mine", "Meta-User": "admin",
            ]
            let direct = try await fetch(
                "\(try #require(application.originURL))/echo",
                .POST,
                headers: headers,
                body: "OPEN\r\n"
            )
            #expect(direct.status == .forbidden)
        }
    }

    /// The proxy signs what it passes on, so whatever it does not refuse must not count as events.
    @Test(
        arguments: [
            "application/websocket-events", "application/websocket-events;x", "Application/WebSocket-Events",
            "application/websocket-events ;x", "application/websocket-events ", "application/websocket-events\t",
            "\tapplication/websocket-events", "x, application/websocket-events",
        ],
        ProxyUnderTest.all
    )
    func eventsOfAClientAreRefusedBehindTheProxyToo(type: String, proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(.behind(proxy), routes: self.routes) { application async throws in
            let headers: HTTPHeaders = ["Content-Type": type, "Connection-Id": "mine", "Meta-User": "admin"]
            let answer = try await fetch("\(application.url)/echo", .POST, headers: headers, body: "OPEN\r\n")
            #expect([.forbidden, .badRequest].contains(answer.status))
        }
    }

    @Test(arguments: ProxyUnderTest.all)
    func aRequiredProxyThatIsNotThereIsNotImplemented(_ proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(
            .behind(proxy),
            routes: self.routes,
            configure: { $0.isProxyRequired = true }
        ) { application async throws in
            #expect(try await fetch("\(try #require(application.originURL))/stream").status == .notImplemented)
            #expect(try await fetch("\(try #require(application.originURL))/state").status == .ok)
            try await withStream("\(application.url)/stream") { stream async throws in
                #expect(stream.status == .ok)
                #expect(try await stream.readUntil("\n") == "open\n")
            }
        }
    }
}
