import GRIP
import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import NIOCore
import ServiceLifecycle

/// An application of this package with the proxy in it.
///
/// Exists only inside ``withEmbeddedApplication(_:proxy:routes:_:)``.
struct EmbeddedApplication: Sendable {
    let grip: GRIPOrigin
    let port: Int

    var url: String { "http://127.0.0.1:\(self.port)" }
}

/// Runs an application whose proxy is embedded, on a port that is free.
///
/// - Parameters:
///   - configuration: How the application works with its proxy.
///   - proxy: How that runs.
///   - bus: What connects it with others.
func withEmbeddedApplication<Result: Sendable>(
    _ configuration: GRIPConfiguration = GRIPConfiguration(),
    proxy: GRIPProxyServerConfiguration = GRIPProxyServerConfiguration(),
    bus: (any GRIPBus)? = nil,
    routes: @Sendable (TestRouter, GRIPOrigin) throws -> Void,
    _ body: @Sendable (EmbeddedApplication) async throws -> Result
) async throws -> Result {
    let grip = try GRIPOrigin(configuration)
    let router = TestRouter(context: BasicGRIPRequestContext.self)
    router.add(middleware: GRIPMiddleware(grip))
    try routes(router, grip)
    return try await withServer(router, .grip(grip, configuration: proxy, bus: bus), services: [grip]) { port in
        try await body(EmbeddedApplication(grip: grip, port: port))
    }
}

/// Runs a server on a port that is free.
func withServer<Result: Sendable>(
    _ router: TestRouter,
    _ server: HTTPServerBuilder,
    services: [any Service] = [],
    _ body: @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    let ports = Mailbox<Int>()
    return try await withApplication(
        { onServerRunning in
            Application(
                router: router,
                server: server,
                configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                services: services,
                onServerRunning: { channel in
                    ports.put(channel.localAddress?.port ?? 0)
                    await onServerRunning(channel)
                }
            )
        },
        {
            guard let port = try await ports.next(within: .seconds(60)) else { throw TimedOut("no port") }
            return try await body(port)
        }
    )
}
