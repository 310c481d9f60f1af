public import GRIP
public import GRIPAdapter
import GRIPNATS
public import GRIPProxy
import GRIPPublisher
public import HummingbirdCore
import Logging
import NIOCore

extension HTTPServerBuilder {
    /// A server with a GRIP proxy in it, for an origin that has no other.
    ///
    /// ```swift
    /// let app = Application(router: router, server: .grip(grip), services: [grip])
    /// ```
    ///
    /// The server's own connections are held, handlers are called without a connection between, and what the origin
    /// publishes goes to the clients of this process. Where the origin's configuration has proxies, as with `GRIP_URL`,
    /// this is the server that `.http1()` makes: they hold the clients, and no handler changes.
    ///
    /// Publishing succeeds as soon as this was called, also when no server runs: there are no clients then. A publisher
    /// that the origin was given in code is not used. Where the origin's configuration has a bus, as with `GRIP_BUS`, what
    /// is published while no server runs goes to the other instances.
    ///
    /// Of the configuration, this ignores what is about other servers: `listeners`, `controlListeners`, `socketPermissions`,
    /// `controlSocketPermissions`, `controlToken`, `routes`, `routesFolder`, `issuer`, `key`,
    /// `forwarding.acceptsRouteHeader`, the limits of the control API and the times for connecting to an origin and for
    /// its response. A handler may take as long as it wants.
    ///
    /// A process may have only as many connections open as its limit of open files allows. `GRIPProgram.serve` raises
    /// it; a program that starts in another way calls `GRIPFileDescriptors.raiseLimit()` before anything else.
    ///
    /// Without a bus, what is published reaches the clients of this process only. With one it reaches those of all
    /// processes whose buses are connected with it; the origin has to be among the services of the application, because
    /// the bus runs as a part of it. Where something says that there are several instances and there is no bus, the origin's
    /// logger has a warning when the server starts.
    ///
    /// - Parameters:
    ///   - origin: The application's side of GRIP, the same that its middleware has.
    ///   - configuration: Limits, times and what is done to headers when the proxy is embedded.
    ///   - handlerExecutor: Where handlers run when the proxy is embedded.
    ///   - bus: What carries items between this process and others when the proxy is embedded; it is for this server alone.
    ///     Without one here, it is the one of the origin's configuration, as with `GRIP_BUS`.
    ///   - onDeparture: What is told of each member that has left a channel here, one after the other and off the event loops,
    ///     when the proxy is embedded. While it works, `presence.queuedDepartures` others wait; more are dropped, and counted.
    /// - Returns: The builder. Running it throws `GRIPProxyServerConfigurationError` or `GRIPBusConfigurationError` when a
    ///   setting is wrong.
    public static func grip(
        _ origin: GRIPOrigin,
        configuration: GRIPProxyServerConfiguration = .embedded,
        handlerExecutor: GRIPHandlerExecutor = .inherited,
        bus: (any GRIPBus)? = nil,
        onDeparture: (@Sendable (GRIPDeparture) async -> Void)? = nil
    ) -> HTTPServerBuilder {
        origin.expectInstallation(
            of: "GRIPMiddleware",
            advice: "add it to the router: router.add(middleware: GRIPMiddleware(grip))"
        )
        guard origin.configuration.proxies.isEmpty else {
            if onDeparture != nil {
                origin.logger.warning("nobody is told of departures: \(GRIPOrigin.otherProxies)")
            }
            return .http1()
        }
        let embedding = Result { try origin.embed() }
        return HTTPServerBuilder { responder in
            let embedding = try embedding.get()
            let bus = try bus ?? Self.configuredBus(of: origin)
            let proxy = try EmbeddedProxy(
                configuration,
                key: embedding.key,
                issuer: GRIPEmbedding.issuer,
                logger: origin.logger,
                bus: bus,
                onDeparture: onDeparture.map { embedding.localizing($0) }
            )
            embedding.use(proxy.presence)
            if bus != nil { embedding.addTask { await proxy.runBus() } }
            return EmbeddedChannel(
                proxy: proxy,
                embedding: embedding,
                handlerExecutor: handlerExecutor,
                responder: responder
            )
        }
    }

    /// The bus of an origin's configuration, or a warning where there should be one.
    private static func configuredBus(of origin: GRIPOrigin) throws(GRIPBusConfigurationError) -> (any GRIPBus)? {
        let configuration = origin.configuration
        if configuration.bus.isEnabled { return try configuration.bus.makeBus(logger: origin.logger) }
        let warning = InstanceSigns.warning(
            count: configuration.instances,
            advice: "set GRIP_BUS, as in nats://host:4222"
        )
        if let warning { origin.logger.warning("\(warning)") }
        return nil
    }
}
