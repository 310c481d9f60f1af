import GRIP
import GRIPProxy
import Logging
import NIOCore
import NIOPosix
import Tracing

/// A proxy that runs for a test.
struct ProxyScope: Sendable {
    let server: GRIPProxyServer
    /// Where publishers connect, one for each control listener.
    let control: [SocketAddress]
    /// Where clients connect.
    let clients: [SocketAddress]
    let group: MultiThreadedEventLoopGroup

    /// Opens a connection to the first control listener.
    func publisher<Result>(_ body: (inout TestConnection) async throws -> Result) async throws -> Result {
        try await withConnection(to: self.control[0], on: self.group, body)
    }

    /// Opens a connection to the first listener for clients.
    func client<Result>(_ body: (inout TestConnection) async throws -> Result) async throws -> Result {
        try await withConnection(to: self.clients[0], on: self.group, body)
    }

    /// Opens a connection, sends nothing and receives all that there is to come.
    func silence(at address: SocketAddress) async throws -> String {
        try await withConnection(to: address, on: self.group) { try await $0.rest() }
    }
}

/// Runs a proxy on free ports of this machine while a closure runs, and shuts it down.
func withProxy<Result>(
    tracer: any Tracer = NoOpTracer(),
    log: CapturedLog? = nil,
    bus: (any GRIPBus)? = nil,
    _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in },
    _ body: (ProxyScope) async throws -> Result
) async throws -> Result {
    var configuration = GRIPProxyServerConfiguration()
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.controlListeners = [.tcp(host: "127.0.0.1", port: 0)]
    // The name in the requests of these tests.
    configuration.controlHosts = ["a"]
    // A busy machine may be slow; whoever wants to see that something takes too long says so.
    configuration.timeouts.requestHead = .seconds(300)
    configuration.timeouts.keepAlive = .seconds(300)
    configuration.timeouts.originIdle = .seconds(300)
    configuration.timeouts.originReuse = .seconds(300)
    configuration.timeouts.drain = .zero
    configuration.timeouts.shutdown = .seconds(10)
    configure(&configuration)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let logger = log?.logger ?? Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let server = try GRIPProxyServer(
        configuration: configuration,
        eventLoopGroup: group,
        logger: logger,
        tracer: tracer,
        bus: bus
    )
    let run = Task { try await server.run() }
    let addresses = try await server.addresses
    let scope = ProxyScope(server: server, control: addresses.control, clients: addresses.clients, group: group)
    let result = await Swift.Result.catching { try await body(scope) }
    run.cancel()
    try await run.value
    try await group.shutdownGracefully()
    return try result.get()
}

extension Result where Failure == any Error {
    static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

/// Gives a closure event loops that nobody else uses.
func withOwnGroup<Result>(
    threads: Int = 1,
    _ body: (MultiThreadedEventLoopGroup) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    let result = await Swift.Result.catching { try await body(group) }
    try await group.shutdownGracefully()
    return try result.get()
}
