import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import HummingbirdTesting
import InMemoryLogging
import Logging
import NIOCore
import NIOPosix
import Testing

/// `server: .grip(grip)` in the tests that applications write for themselves.
@Suite("The server with the proxy in it") struct EmbeddedServerTests {
    private func application(
        _ grip: GRIPOrigin,
        handlerExecutor: GRIPHandlerExecutor = .inherited
    ) -> some ApplicationProtocol {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        router.get("stream") { _, _ in "[stream open]\n".held(.stream(on: "test")) }
        router.get("poll") { _, _ in "nothing\n".held(.response(on: "test", timeout: .seconds(55))) }
        router.post("stream") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            try await grip.publish(.httpResponse("\(text)\n"), to: "test")
            return "Ok\n"
        }
        router.get("state") { _, context in "\(context.grip.isProxied) \(context.grip.isSigned)\n" }
        router.post("thread") { request, _ in
            let before = MultiThreadedEventLoopGroup.currentEventLoop != nil
            _ = try await request.body.collect(upTo: 10_000)
            await Task.yield()
            return "\(before) \(MultiThreadedEventLoopGroup.currentEventLoop != nil)\n"
        }
        return Application(
            router: router,
            server: .grip(grip, handlerExecutor: handlerExecutor),
            services: [grip]
        )
    }

    @Test("Over a socket, requests come through the proxy")
    func live() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        try await self.application(grip).test(.live) { client async throws in
            #expect(try await client.get("/state").text == "true true\n")
            #expect(try await client.post("/stream", "hi").text == "Ok\n")
            #expect(try await client.get("/state", [.gripSig: "forged"]).text == "true true\n")
        }
    }

    @Test("Without a bus it warns where there are several instances", arguments: [(2, 1), (1, 0)])
    func instances(count: Int, warnings: Int) async throws {
        let log = InMemoryLogHandler()
        let grip = try GRIPOrigin(
            GRIPConfiguration(instances: count),
            logger: Logger(label: "test", factory: { _ in log })
        )
        try await self.application(grip).test(.live) { client async throws in
            #expect(try await client.get("/state").text == "true true\n")
        }
        let lines = log.entries.filter { $0.level == .warning && "\($0.message)".contains("set GRIP_BUS") }
        #expect(lines.count == warnings)
    }

    @Test("A bus that cannot be made is an error of the start, also where it is configured in code")
    func wrongBus() throws {
        var configuration = GRIPConfiguration()
        configuration.bus = GRIPBusConfiguration(url: "redis://a")
        let error = #expect(throws: GRIPBusConfigurationError.self) { try GRIPOrigin(configuration) }
        #expect(error?.key == "bus")
    }

    @Test(
        "Handlers run where the application wants it, also after they have waited",
        arguments: [(GRIPHandlerExecutor.inherited, "false false\n"), (.eventLoop, "true true\n")]
    )
    func handlerExecutor(_ executor: GRIPHandlerExecutor, expected: String) async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        try await self.application(grip, handlerExecutor: executor).test(.live) { client async throws in
            #expect(try await client.post("/thread", "hi").text == expected)
            #expect(try await client.post("/thread", "hi").text == expected)
            #expect(try await client.get("/state").text == "true true\n")
        }
    }

    @Test("The same application can run again")
    func again() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let application = self.application(grip)
        for _ in 0..<2 {
            try await application.test(.live) { client async throws in
                #expect(try await client.get("/state").text == "true true\n")
            }
        }
    }

    @Test("Without a socket there is no proxy, and nothing of GRIP in responses")
    func router() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        try await self.application(grip).test(.router) { client async throws in
            #expect(try await client.get("/state").text == "false false\n")
            let stream = try await client.get("/stream")
            #expect(stream.text == "[stream open]\n")
            #expect(!stream.headers.hasGRIPFields)
            #expect(try await client.post("/stream", "hi").text == "Ok\n")
        }
    }

    @Test("With a proxy configured it is the server without one, and everything goes to that proxy")
    func external() async throws {
        let proxy = GRIPTestProxy()
        let publisher = RecordingPublisher()
        let grip = try GRIPOrigin(proxy.configuration, publisher: publisher)
        try await self.application(grip).test(.live) { client async throws in
            #expect(try await client.get("/state").text == "false false\n")
            let held = try await client.get("/stream", proxy.fields())
            #expect(try GRIPInstruction(fields: held.headers) == .stream(on: "test"))
            #expect(try await client.post("/stream", "hi").text == "Ok\n")
        }
        #expect(publisher.publications(to: "test").count == 1)
    }

    @Test("A signature of somebody else does not count once the proxy is embedded")
    func otherSignatures() throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let fields = try GRIPTestProxy().fields()
        #expect(!grip.inspect(GRIPRequest(fields: fields)).isProxied)
        _ = HTTPServerBuilder.grip(grip)
        let state = grip.inspect(GRIPRequest(fields: fields))
        #expect(!state.isProxied)
        #expect(state.needsSignature)
    }

    @Test("A proxy is required, and is there")
    func requiredProxy() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration(isProxyRequired: true))
        let application = self.application(grip)
        try await application.test(.router) { client async throws in
            #expect(try await client.get("/stream").status == .notImplemented)
        }
        try await application.test(.live) { client async throws in
            #expect(try await client.get("/state").status == .ok)
        }
    }
}
