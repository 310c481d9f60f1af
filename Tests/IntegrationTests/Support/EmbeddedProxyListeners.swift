import GRIP
import GRIPProxy
import Logging
import NIOCore
import NIOPosix

/// Runs an embedded proxy whose clients and publishers connect to ports of their own.
///
/// - Parameters:
///   - executor: Where the application runs.
///   - serve: The application behind it, in this process.
///   - body: What is done meanwhile; it gets the port for clients and the one for publishers.
func withEmbeddedProxy<Result: Sendable>(
    key: GRIPKey,
    on executor: GRIPHandlerExecutor,
    serve: @escaping EmbeddedProxy.Serve,
    _ body: (_ port: Int, _ controlPort: Int) async throws -> Result
) async throws -> Result {
    var configuration = GRIPProxyServerConfiguration()
    configuration.timeouts.drain = .zero
    let logger = Logger(label: "embedded", factory: { _ in SwiftLogNoOpLogHandler() })
    let proxy = try EmbeddedProxy(configuration, key: key, issuer: "pushpin", logger: logger)
    // One event loop, as the application's server would have them all.
    let group = MultiThreadedEventLoopGroup.singleton.next()
    let first = Mailbox<any Channel>()
    let clients = try await listen(on: group) { channel in
        try proxy.adopt(channel)
        if proxy.begin() { first.put(channel) }
    }
    let control = try await listen(on: group) { try proxy.adoptControl($0) }
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            // Nobody connects before it is somebody's turn.
            guard let channel = try await first.next(within: .seconds(3600)) else { return }
            await proxy.run(with: channel, on: executor, serve: serve)
        }
        let result = try await body(clients.localAddress?.port ?? 0, control.localAddress?.port ?? 0)
        try await control.close()
        try await clients.close()
        first.finish()
        try await tasks.waitForAll()
        return result
    }
}

private func listen(
    on group: any EventLoopGroup,
    _ initialize: @escaping @Sendable (any Channel) throws -> Void
) async throws -> any Channel {
    try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1024)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try initialize(channel) } }
        .bind(host: "127.0.0.1", port: 0)
        .get()
}
