public import GRIP
package import GRIPEngine
import GRIPPublisher
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
    public struct Addresses: Sendable, CustomStringConvertible {
        /// For clients, in the order of the configuration; a listener for several addresses has as many.
        public let clients: [SocketAddress]
        /// For publishers, in the order of the configuration; a listener for several addresses has as many.
        public let control: [SocketAddress]

        /// All of them in one line, as users write addresses.
        public var description: String {
            let (clients, control) = (self.clients.map(Self.text), self.control.map(Self.text))
            return "clients at \(clients.joined(separator: ", ")), publishers at \(control.joined(separator: ", "))"
        }

        private static func text(_ address: SocketAddress) -> String {
            guard let host = address.ipAddress, let port = address.port else {
                return GRIPListener.unixDomainSocket(path: address.pathname ?? "").description
            }
            return GRIPListener.tcp(host: host, port: port).description
        }
    }

    private let configuration: GRIPProxyServerConfiguration
    private let routesDialect: RouteFile.Dialect
    let core: ProxyCore
    private let signers: RouteSigners
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
    ///   - bus: What carries items between this proxy and others, as long as it runs; it is for this proxy alone.
    ///   - logger: Where it tells what operators need to know.
    /// - Throws: ``GRIPProxyServerConfigurationError`` when a setting is wrong or the key of a route cannot be read, or
    ///   `GRIPError` when a key cannot be used.
    public convenience init(
        configuration: GRIPProxyServerConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        bus: (any GRIPBus)? = nil,
        logger: Logger
    ) throws {
        try self.init(
            configuration: configuration,
            eventLoopGroup: eventLoopGroup,
            logger: logger,
            tracer: InstrumentationSystem.tracer,
            bus: bus
        )
    }

    /// Makes a proxy of settings whose routes have been checked, so that what is wrong with their lines is not told again.
    package convenience init(
        checked settings: ProxySettings,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        output: ProxyOutput? = nil,
        bus: (any GRIPBus)? = nil
    ) throws {
        try self.init(
            configuration: settings.configuration,
            eventLoopGroup: eventLoopGroup,
            logger: logger,
            tracer: InstrumentationSystem.tracer,
            routesDialect: settings.routesDialect,
            hasCheckedRoutes: true,
            output: output,
            bus: bus
        )
    }

    package init(
        configuration: GRIPProxyServerConfiguration,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        tracer: any Tracer,
        routesDialect: RouteFile.Dialect = .own,
        hasCheckedRoutes: Bool = false,
        output: ProxyOutput? = nil,
        bus: (any GRIPBus)? = nil
    ) throws {
        self.configuration = configuration
        self.routesDialect = routesDialect
        self.group = eventLoopGroup
        self.logger = logger
        try configuration.validate()
        let routes = RoutesReading(
            configuration.routes,
            folder: configuration.routesFolder,
            dialect: routesDialect
        )
        if let problem = routes.keyProblems.first {
            throw GRIPProxyServerConfigurationError(key: "routes", reason: "line \(problem.line): \(problem.reason)")
        }
        if !hasCheckedRoutes { Self.log(routes.problems, to: logger) }
        self.signers = try RouteSigners(
            issuer: configuration.issuer,
            key: configuration.key,
            files: routes.keys,
            logger: logger
        )
        self.core = ProxyCore(
            configuration,
            settings: try ProxySettingsSnapshot(
                configuration,
                signers: self.signers,
                loopCount: eventLoopGroup.makeIterator().reduce(0) { count, _ in count + 1 },
                tracer: tracer
            ),
            routes: routes.table,
            hubLoop: eventLoopGroup.any(),
            logger: logger,
            output: output,
            bus: bus
        )
        self.bound = Promise()
    }

    private static func log(_ problems: [RouteProblem], to logger: Logger) {
        for problem in problems {
            logger.log(level: problem.severity == .error ? .error : .warning, "Routes: \(problem)")
        }
    }

    /// Where the proxy listens, as soon as it does.
    ///
    /// - Throws: ``GRIPListenError`` when it cannot listen.
    public var addresses: Addresses { get async throws { try await self.bound.value } }

    /// Replaces the routes, and reads the key files that they name again.
    ///
    /// Requests under way and held connections keep their routes; what they send from now on is signed with the new keys.
    ///
    /// - Parameter routes: The lines of a routes file. A line with an error is left out and logged. So is one whose key
    ///   file cannot be read and never was; where it was, the key that was read last stays in use, which is logged.
    public func reload(routes: [GRIPRouteLine]) async { await self.reload(routes: routes, haveBeenChecked: false) }

    /// Replaces the routes.
    ///
    /// - Parameters:
    ///   - routes: The lines of a routes file.
    ///   - haveBeenChecked: Whether the problems of the lines have been told already; those of keys have not.
    package func reload(routes: [GRIPRouteLine], haveBeenChecked: Bool) async {
        let (folder, dialect) = (self.configuration.routesFolder, self.routesDialect)
        let known = self.signers.knownFiles
        let reading: RoutesReading
        do {
            // The caller may run on an event loop, which must not wait for files.
            reading = try await NIOThreadPool.singleton.runIfActive {
                RoutesReading(routes, folder: folder, dialect: dialect, known: known)
            }
        } catch {
            return self.logger.error("The routes stay as they are, because key files cannot be read: \(error)")
        }
        if !haveBeenChecked { Self.log(reading.problems, to: self.logger) }
        Self.log(reading.keyProblems, to: self.logger)
        self.signers.use(reading.keys, named: reading.keyFiles)
        self.core.use(reading.table)
    }

    /// Publishes items without a connection, and returns when there is room for more.
    ///
    /// While more than ``GRIPProxyServerConfiguration/Limits/publishedBytes`` are on the way to the connections of clients,
    /// it waits. Nothing is thrown away; `grip_proxy_publishers_delayed_total` counts how often somebody had to wait.
    ///
    /// The items go to the clients of this proxy, and then to the bus, if there is one.
    ///
    /// - Parameter publications: The items and their channels, in order.
    /// - Throws: `GRIPError` with the code `item` where an id, a previous id or a channel has line ends; it names the field,
    ///   and nothing is published.
    /// - Returns: Whether the bus has taken all of them; always so without a bus.
    @discardableResult
    public func publish(_ publications: [GRIPPublication]) async throws(GRIPError) -> GRIPBusAcceptance {
        try GRIPPublication.checkLines(publications)
        return await self.core.ingress.publish(publications).map { .refused(reason: $0) } ?? .taken
    }

    /// Publishes items without a connection, unless too much is on the way already.
    ///
    /// - Parameter publications: The items and their channels, in order; they are taken as a whole or not at all.
    /// - Returns: Whether they are taken: `false` while they would exceed
    ///   ``GRIPProxyServerConfiguration/Limits/publishedBytes``, and where ``publish(_:)`` would throw, which is logged.
    public func enqueue(_ publications: [GRIPPublication]) -> Bool {
        publications.areValid(logger: self.logger) && self.core.ingress.enqueue(publications)
    }

    /// Who is on which channel: the members of this proxy, and those of the others on its bus.
    public var presence: any GRIPPresence { ProxyPresence(center: self.core.presence) }

    /// Runs the proxy until it is told to shut down.
    ///
    /// - Throws: ``GRIPListenError`` when an address cannot be listened on.
    public func run() async throws {
        let listeners: [BoundListener]
        do {
            listeners = try await self.listen()
        } catch {
            self.bound.fail(error)
            throw error
        }
        try await self.withBus { try await self.serve(listeners) }
    }

    private func serve(_ listeners: [BoundListener]) async throws {
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

    /// Runs the bus for as long as something else is done.
    private func withBus(_ body: () async throws -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await self.core.runBus() }
            // Only then: what is published while connections end goes to other instances too.
            defer { group.cancelAll() }
            try await body()
        }
    }

    // MARK: Listening

    private func listen() async throws -> [BoundListener] {
        let core = self.core
        let descriptors = core.descriptors
        descriptors.checkFit(self.configuration.limits)
        let clients = ListenerBinder(
            group: self.group,
            acceptsOnEachLoop: true,
            permissions: self.configuration.socketPermissions,
            deadPeers: DeadPeerOptions(
                self.configuration.timeouts.deadClient,
                write: self.configuration.timeouts.clientWrite
            ),
            makeGuard: { AcceptGuard(descriptors, isForClients: true) },
            initialize: { try core.adopt($0, isOverTLS: false) }
        )
        let apis = ControlAPIs(self.configuration, token: self.configuration.controlToken?.text)
        // Publishers are few, and each can keep a loop busy: what matters is that no loop has more of them than another.
        let publishers = ListenerBinder(
            group: self.group,
            acceptsOnEachLoop: false,
            permissions: self.configuration.controlSocketPermissions,
            makeGuard: { AcceptGuard(descriptors, isForClients: false) },
            initialize: { try ControlHandler.install(on: $0, apis: apis, core: core) }
        )
        var all: [BoundListener] = []
        func bind(_ listeners: [GRIPListener], _ binder: ListenerBinder) async throws -> [SocketAddress] {
            var addresses: [SocketAddress] = []
            for listener in listeners {
                let bound = try await binder.bind(listener)
                all.append(bound)
                addresses += bound.addresses
            }
            return addresses
        }
        do {
            let addresses = Addresses(
                clients: try await bind(self.configuration.listeners, clients),
                control: try await bind(self.configuration.controlListeners, publishers)
            )
            self.logger.info("Listens: \(addresses)")
            self.bound.succeed(addresses)
            return all
        } catch {
            for listener in all { try await listener.close() }
            throw error
        }
    }
}
