import GRIP
import GRIPEngine
import Logging
import NIOCore
import NIOHTTP1

/// The proxy without its listeners: an event loop's things for each loop, and the hub between them.
final class ProxyCore: Sendable {
    let loops: [LoopReference]
    let hub: ProxyHub
    private let byLoop: [ObjectIdentifier: LoopReference]
    let limits: GRIPProxyServerConfiguration.Limits
    let timeouts: GRIPProxyServerConfiguration.Timeouts
    let clientLimit: ConnectionLimit
    let control: ControlConnections

    init(
        _ configuration: GRIPProxyServerConfiguration,
        settings: ProxySettingsSnapshot,
        routes: RouteTable,
        group: any EventLoopGroup,
        logger: Logger
    ) {
        let eventLoops = Array(group.makeIterator().map { $0 }.prefix(ChannelHub.maximumLoops))
        var sequencing = ChannelSequencer.Configuration()
        sequencing.wait = configuration.delivery.sequenceWait
        sequencing.idLifetime = configuration.delivery.idLifetime
        let hub = ProxyHub(
            eventLoop: eventLoops[0],
            hub: ChannelHub(
                ChannelSequencer(sequencing),
                linger: configuration.delivery.subscriptionLinger,
                updatesOnFirstSubscription: configuration.delivery.updatesOnFirstSubscription
            )
        )
        self.hub = hub
        self.loops = eventLoops.enumerated().map { index, eventLoop in
            LoopReference(
                ProxyLoop(
                    index: index,
                    eventLoop: eventLoop,
                    settings: settings,
                    routes: routes,
                    hub: hub,
                    logger: logger
                ),
                eventLoop: eventLoop
            )
        }
        self.byLoop = Dictionary(uniqueKeysWithValues: self.loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        self.limits = configuration.limits
        self.timeouts = configuration.timeouts
        self.clientLimit = ConnectionLimit(configuration.limits.connections)
        self.control = ControlConnections(maximum: configuration.limits.controlConnections)
        hub.use(self.loops)
    }

    /// Makes a new connection one of the proxy's.
    ///
    /// Called on the connection's event loop.
    func adopt(_ channel: any Channel, isOverTLS: Bool) throws {
        guard let reference = self.byLoop[ObjectIdentifier(channel.eventLoop)] else {
            throw ChannelError.inappropriateOperationForState
        }
        guard self.clientLimit.enter() else { throw ConnectionLimit.Reached() }
        channel.closeFuture.whenComplete { _ in self.clientLimit.leave() }
        let loop = reference.value
        let decoder = HTTP1ClientHandler.makeDecoder(self.limits)
        try channel.pipeline.syncOperations.addHandler(decoder)
        try channel.pipeline.syncOperations.addHandler(
            HTTP1ClientHandler(loop: loop, isOverTLS: isOverTLS, decoder: decoder)
        )
    }

    /// Publishes items in order.
    func publish(_ publications: [GRIPPublication]) { self.hub.publish(publications) }

    func use(_ routes: RouteTable) {
        for loop in self.loops { loop.run { $0.use(routes) } }
    }

    func sweep() {
        for loop in self.loops { loop.run { $0.sweep() } }
    }

    func beginShutdown(over period: Duration) {
        for loop in self.loops { loop.run { $0.beginShutdown(over: period) } }
        self.control.beginShutdown()
    }

    func finishShutdown() {
        for loop in self.loops { loop.run { $0.finishShutdown() } }
        self.control.finishShutdown()
        self.hub.shutDown()
    }

    /// How many connections clients and publishers have.
    func connectionCount() async throws -> Int {
        var count = self.control.count
        for loop in self.loops { count += try await loop.eventLoop.submit { loop.value.clients.count }.get() }
        return count
    }

    /// Asks all loops for something.
    ///
    /// - Parameters:
    ///   - eventLoop: Where the answer is waited for.
    ///   - body: What each loop does for it.
    func gather<Answer: Sendable>(
        on eventLoop: any EventLoop,
        _ body: @escaping @Sendable (ProxyLoop) -> Answer
    ) -> EventLoopFuture<[Answer]> {
        EventLoopFuture.whenAllSucceed(self.loops.map { $0.ask(body) }, on: eventLoop)
    }
}
