import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import InMemoryLogging
import Logging
import NIOCore
import Testing

/// What fails in a handler is in the log of the application, and its client can tell.
@Suite struct FailureTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "the database is gone"
    }

    private let log = InMemoryLogHandler()

    private var logger: Logger {
        let log = self.log
        return Logger(label: "test", factory: { _ in log })
    }

    private func errors() -> [InMemoryLogHandler.Entry] { self.log.entries.filter { $0.level == .error } }

    private func test(
        publisher: (any GRIPPublishing)? = nil,
        routes: (Router<BasicGRIPRequestContext>, GRIPOrigin) throws -> Void,
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let grip = try GRIPOrigin(
            GRIPTestProxy().configuration,
            publisher: publisher ?? RecordingPublisher(),
            logger: self.logger
        )
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        try routes(router, grip)
        try await Application(router: router, logger: self.logger).test(.router) { client in try await body(client) }
    }

    @Test func aHandlerThatThrowsEndsItsWebSocketWith1011AndIsLogged() async throws {
        try await self.test { router, _ in
            router.webSocketOverHTTP("echo") { socket, _, _ in
                if socket.isOpening { socket.accept() }
                for message in socket.messages {
                    socket.send("half of it")
                    socket.meta["half"] = "yes"
                    if message == "fail" { throw Broken() }
                    if message == "unauthorized" { throw HTTPError(.unauthorized) }
                    if message == "large" { socket.send(String(repeating: "x", count: 1_100_000)) }
                    if message == "meta" { socket.meta["not a name"] = "x" }
                }
            }
        } _: { client async throws in
            for text in ["fail", "unauthorized", "large", "meta"] {
                var socket = GRIPTestWebSocket(through: GRIPTestProxy())
                let opened = try await client.send(.open, on: &socket, to: "/echo?token=secret")
                #expect(opened.isAccepted)
                let failed = try await client.send(.text(text), on: &socket, to: "/echo?token=secret")
                #expect(failed.events == [.close(try WebSocketClose(.internalError))])
                #expect(socket.meta.isEmpty)
            }
        }
        let errors = self.errors()
        #expect(errors.count == 4)
        #expect(errors.first?.metadata["grip.error"] == "the database is gone")
        for error in errors {
            #expect(error.metadata["grip.path"] == "/echo")
            #expect(error.metadata["grip.connection"] == "00000000-0000-4000-8000-000000000001")
        }
    }

    @Test func aWebSocketThatOpensIsRefusedWithTheStatusOfTheError() async throws {
        try await self.test { router, _ in
            router.webSocketOverHTTP("broken") { _, _, _ in throw Broken() }
            router.webSocketOverHTTP("closed") { _, _, _ in throw HTTPError(.unauthorized) }
        } _: { client async throws in
            var socket = GRIPTestWebSocket(through: GRIPTestProxy())
            #expect(try await client.send(.open, on: &socket, to: "/closed").status == .unauthorized)
            #expect(try await client.send(.open, on: &socket, to: "/broken").status == .internalServerError)
        }
        // To refuse somebody is no failure.
        #expect(self.errors().map(\.metadata["grip.path"]) == ["/broken"])
    }

    @Test func aClientThatIsGoneGetsNoClose() async throws {
        try await self.test { router, _ in
            router.webSocketOverHTTP("echo") { _, _, _ in throw Broken() }
        } _: { client async throws in
            var socket = GRIPTestWebSocket(through: GRIPTestProxy())
            #expect(try await client.send(.disconnect, on: &socket, to: "/echo").events.isEmpty)
        }
        #expect(self.errors().count == 1)
    }

    @Test func aBatchOverTheLimitIsLogged() async throws {
        try await self.test { router, _ in
            router.webSocketOverHTTP("small", maximumBodySize: 10) { socket, _, _ in socket.accept() }
        } _: { client async throws in
            var socket = GRIPTestWebSocket(through: GRIPTestProxy())
            let answer = try await client.send(.text("more than ten bytes"), on: &socket, to: "/small")
            #expect(answer.status == .contentTooLarge)
        }
        #expect(self.errors().first?.metadata["grip.limit"] == "10")
    }

    @Test func aPublishThatFailsNamesTheProxy() async throws {
        let recording = RecordingPublisher()
        recording.fail(with: GRIPPublishFailure(.connection, "refused", mayHaveBeenPublished: false))
        var configuration = GRIPPublisherConfiguration(proxies: [
            try GRIPProxyConfiguration(url: "http://127.0.0.1:9?key=secret")
        ])
        configuration.retry = .never
        let dead = try GRIPHTTPPublisher(configuration: configuration, logger: self.logger)
        for publisher in [recording, dead] as [any GRIPPublishing] {
            try await self.test(publisher: publisher) { router, grip in
                router.post("stream") { _, _ in
                    try await grip.publish(.httpStream("hello\n"), to: "test")
                    return "Ok\n"
                }
            } _: { client async throws in
                #expect(try await client.post("/stream", "").status == .internalServerError)
            }
        }
        let errors = self.errors()
        #expect(errors.map(\.metadata["grip.proxy"]) == ["recording:", "http://127.0.0.1:9"])
        #expect(errors.allSatisfy { $0.metadata["grip.failure"] != nil })
    }

    @Test func anInstructionThatCannotBeSentIsLogged() async throws {
        try await self.test { router, _ in
            router.get("bad") { _, _ in Response(status: .ok, headers: [.gripHold: "sideways", .gripChannel: "a"]) }
        } _: { client async throws in
            let fields = try GRIPTestProxy().fields()
            #expect(try await client.get("/bad", fields).status == .internalServerError)
        }
        #expect(self.errors().first?.metadata["grip.path"] == "/bad")
    }

    @Test func aMissingMiddlewareIsLogged() async throws {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
        try await Application(router: router, logger: self.logger).test(.router) { client async throws in
            #expect(try await client.get("/stream").status == .internalServerError)
        }
        let message = self.errors().first?.message ?? ""
        #expect("\(message)".contains("no GRIPMiddleware stands before this route"))
    }
}
