public import GRIP
import GRIPEngine
import GRIPSignature
public import Logging
import Metrics
public import NIOCore
public import NIOPosix
public import ServiceLifecycle
import Synchronization
package import Tracing

/// A GRIP proxy that listens for clients and publishers.
///
/// Run it as a service. A graceful shutdown stops accepting, ends what is held over ``GRIPProxyServerConfiguration/Timeouts/drain``
/// and is over at ``GRIPProxyServerConfiguration/Timeouts/shutdown``.
public final class GRIPProxyServer: Service {
    /// Where a running proxy listens.
    public struct Addresses: Sendable {
        /// For clients, in the order of the configuration.
        public let clients: [SocketAddress]
        /// For publishers, in the order of the configuration.
        public let control: [SocketAddress]
    }

    private let configuration: GRIPProxyServerConfiguration
    let core: ProxyCore
    private let group: any EventLoopGroup
    private let logger: Logger
    private let bound: Promise<Addresses>

    /// Makes a proxy.
    ///
    /// Nothing listens before ``run()``. Requests are traced by the tracer that the instrumentation system has now.
    ///
    /// - Parameters:
    ///   - configuration: What to do.
    ///   - eventLoopGroup: The event loops to run on.
    ///   - logger: Where it tells what operators need to know.
    /// - Throws: ``GRIPProxyServerConfigurationError`` when a setting is wrong, or `GRIPError` when a key cannot be used.
    public convenience init(
        configuration: GRIPProxyServerConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger
    ) throws {
        try self.init(
            configuration: configuration,
            eventLoopGroup: eventLoopGroup,
            logger: logger,
            tracer: InstrumentationSystem.tracer
        )
    }

    package init(
        configuration: GRIPProxyServerConfiguration,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        tracer: any Tracer
    ) throws {
        self.configuration = configuration
        self.group = eventLoopGroup
        self.logger = logger
        try configuration.validate()
        let folder = configuration.routesFolder
        let signers = try RouteSigners(issuer: configuration.issuer, key: configuration.key, logger: logger) { path in
            try KeyText.key(file: path, folder: folder)
        }
        self.core = ProxyCore(
            configuration,
            settings: try ProxySettingsSnapshot(configuration, signers: signers, tracer: tracer),
            routes: Self.table(configuration.routes, logger: logger),
            hubLoop: eventLoopGroup.any(),
            logger: logger
        )
        self.bound = Promise()
    }

    private static func table(_ lines: [String], logger: Logger) -> RouteTable {
        let (routes, problems) = RouteFile.parse(lines.joined(separator: "\n"))
        let table = RouteTable(routes)
        for problem in problems + table.problems { logger.warning("Routes: \(problem)") }
        return table
    }

    /// Where the proxy listens, as soon as it does.
    ///
    /// - Throws: What kept it from listening.
    public var addresses: Addresses { get async throws { try await self.bound.value } }

    /// Replaces the routes.
    ///
    /// Requests under way and held connections keep theirs.
    ///
    /// - Parameter routes: The lines of a routes file. A line with an error is left out and logged.
    public func reload(routes: [String]) async {
        self.core.use(Self.table(routes, logger: self.logger))
    }

    /// Publishes items without a connection.
    ///
    /// - Parameter publications: The items and their channels, in order.
    public func publish(_ publications: [GRIPPublication]) { self.core.publish(publications) }

    /// Runs the proxy until it is told to shut down.
    ///
    /// - Throws: An error when an address cannot be listened on.
    public func run() async throws {
        let listeners: [any Channel]
        do {
            listeners = try await self.listen()
        } catch {
            self.bound.fail(error)
            throw error
        }
        let shutdown = Promise<Void>()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.core.record(with: MetricsSystem.factory) }
                // Never fails: it is completed by the handler below.
                do { try await shutdown.value } catch {}
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            shutdown.succeed(())
        }
        for listener in listeners { try await listener.close() }
        await self.core.drain(self.configuration.timeouts)
    }

    // MARK: Listening

    private func listen() async throws -> [any Channel] {
        var channels: [any Channel] = []
        do {
            let core = self.core
            for listener in self.configuration.listeners {
                channels.append(
                    try await Self.bind(self.bootstrap { try core.adopt($0, isOverTLS: false) }, listener)
                )
            }
            let clients = channels.compactMap(\.localAddress)
            let control = ControlAPI(
                token: self.configuration.controlToken,
                maximumBody: self.configuration.limits.controlBody
            )
            for listener in self.configuration.controlListeners {
                let bootstrap = self.bootstrap { channel in
                    try ControlHandler.install(on: channel, api: control, core: core)
                }
                channels.append(try await Self.bind(bootstrap, listener))
            }
            let addresses = channels.compactMap(\.localAddress)
            self.bound.succeed(Addresses(clients: clients, control: Array(addresses.dropFirst(clients.count))))
            return channels
        } catch {
            for channel in channels { try await channel.close() }
            throw error
        }
    }

    private func bootstrap(_ initialize: @escaping @Sendable (any Channel) throws -> Void) -> ServerBootstrap {
        ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initialize(channel) }
            }
    }

    private static func bind(_ bootstrap: ServerBootstrap, _ listener: GRIPListener) async throws -> any Channel {
        switch listener.address {
        case .tcp(let host, let port):
            try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1).bind(host: host, port: port)
                .get()
        case .unix(let path):
            try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
    }
}
