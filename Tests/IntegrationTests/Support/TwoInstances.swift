import GRIP
import GRIPProxy
import Logging
import NIOCore

/// Runs two proxies with a bus between, and shuts them down.
///
/// - Parameters:
///   - routes: The lines of the routes file of both.
///   - key: What both sign with.
///   - buses: The bus of the one that clients connect to, and that of the one that publishers connect to.
///   - body: What is done meanwhile; it gets the port for clients of one and the port for publishers of the other.
func withTwoInstances<Result: Sendable>(
    routes: [String],
    key: GRIPKey,
    buses: (any GRIPBus, any GRIPBus),
    _ body: (_ port: Int, _ controlPort: Int) async throws -> Result
) async throws -> Result {
    var configuration = GRIPProxyServerConfiguration()
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.controlListeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.routes = routes.map { GRIPRouteLine($0) }
    configuration.key = key
    configuration.timeouts.drain = .zero
    let logger = Logger(label: "instance", factory: { _ in SwiftLogNoOpLogHandler() })
    let servers = try [buses.0, buses.1].map { bus in
        try GRIPProxyServer(configuration: configuration, bus: bus, logger: logger)
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        for server in servers { group.addTask { try await server.run() } }
        let (holding, publishing) = (try await servers[0].addresses, try await servers[1].addresses)
        let result = try await body(holding.clients.first?.port ?? 0, publishing.control.first?.port ?? 0)
        group.cancelAll()
        try await group.waitForAll()
        return result
    }
}
