import GRIP
import GRIPEngine
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// The proxy without its listeners: an event loop's things for each loop that has a connection, and the hub between.
final class ProxyCore: Sendable {
    private struct State {
        var routes: RouteTable
        var loops: [LoopReference] = []
        var byLoop: [ObjectIdentifier: LoopReference] = [:]
        /// Over what time connections end, once they do.
        var draining: Duration?
    }

    let hub: ProxyHub
    /// Carries items between this process and others, if there are any.
    let bus: ProxyBus?
    /// Where items come in.
    let ingress: PublishIngress
    /// Who is on which channel.
    let presence: PresenceCenter
    let limits: GRIPProxyServerConfiguration.Limits
    let timeouts: GRIPProxyServerConfiguration.Timeouts
    let clientLimit: ConnectionLimit
    let control: ControlConnections
    let descriptors: DescriptorSupply
    let settings: ProxySettingsSnapshot
    let log: ProxyLog
    let output: ProxyOutput?
    private let access: AccessLogger?
    private let state: Mutex<State>

    /// Makes a core without connections.
    ///
    /// - Parameters:
    ///   - configuration: How items are put in order.
    ///   - settings: What all event loops know.
    ///   - routes: Where requests go.
    ///   - hubLoop: The event loop of the hub.
    ///   - logger: Where it tells what operators need to know.
    ///   - output: Where lines of the access log go, or `nil` for the logger.
    ///   - bus: Carries items between this process and others, if there are any.
    init(
        _ configuration: GRIPProxyServerConfiguration,
        settings: ProxySettingsSnapshot,
        routes: RouteTable,
        hubLoop: any EventLoop,
        logger: Logger,
        output: ProxyOutput? = nil,
        bus: (any GRIPBus)? = nil
    ) {
        let log = ProxyLog(logger, limits: configuration.limits)
        self.log = log
        self.bus = bus.map { ProxyBus($0, log: log) }
        var sequencing = ChannelSequencer.Configuration()
        sequencing.wait = configuration.delivery.sequenceWait
        sequencing.idLifetime = configuration.delivery.idLifetime
        self.hub = ProxyHub(
            eventLoop: hubLoop,
            hub: ChannelHub(
                ChannelSequencer(sequencing),
                linger: configuration.delivery.subscriptionLinger,
                updatesOnFirstSubscription: configuration.delivery.updatesOnFirstSubscription,
                recoverySpread: configuration.delivery.recoverySpread
            ),
            backlog: PublishBacklog(limit: configuration.limits.publishedBytes),
            bus: self.bus
        )
        self.ingress = PublishIngress(self.hub, bus: self.bus)
        self.presence = PresenceCenter(configuration.presence, eventLoop: hubLoop, bus: self.bus, log: log)
        self.limits = configuration.limits
        self.timeouts = configuration.timeouts
        self.clientLimit = ConnectionLimit(configuration.limits.connections)
        self.control = ControlConnections(maximum: configuration.limits.controlConnections)
        self.descriptors = DescriptorSupply(limits: configuration.limits, logger: logger)
        self.settings = settings
        self.output = output
        self.access = AccessLogger(configuration.accessLog, textLimit: configuration.limits.logText) { line in
            guard let output else { return logger.info("\(line)", metadata: ["grip.log": "access"]) }
            output.access.write(line)
        }
        self.state = Mutex(State(routes: routes))
    }

    // MARK: Connections

    /// The loops that have had a connection.
    var loops: [LoopReference] { self.state.withLock { $0.loops } }

    /// Makes a new connection one of the proxy's.
    ///
    /// Called on the connection's event loop.
    func adopt(_ channel: any Channel, isOverTLS: Bool) throws {
        guard self.clientLimit.enter() else { throw ConnectionLimit.Reached() }
        do {
            try self.descriptors.admit(channel)
        } catch {
            self.clientLimit.refuse()
            throw error
        }
        channel.closeFuture.whenComplete { _ in self.clientLimit.leave() }
        try channel.syncOptions?.setOption(.recvAllocator, value: ReadBudget.buffers)
        // Who sends much has as many turns as others do.
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        let loop = self.loop(on: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandlers(
            loop.plainInput,
            HTTP1ClientHandler(loop: loop, isOverTLS: isOverTLS)
        )
    }

    /// What there is on an event loop, which becomes one of the proxy's if it is not yet.
    ///
    /// Called on that loop, so that no two calls are about the same one.
    private func loop(on eventLoop: any EventLoop) -> ProxyLoop {
        let id = ObjectIdentifier(eventLoop)
        if let known = self.state.withLock({ $0.byLoop[id] }) { return known.value }
        let (new, draining) = self.state.withLock { state in
            let index = state.loops.count
            let loop = ProxyLoop(
                index: index,
                eventLoop: eventLoop,
                settings: self.settings,
                routes: state.routes,
                hub: self.hub,
                presence: self.presence,
                log: self.log,
                access: self.access
            )
            let reference = LoopReference(loop, eventLoop: eventLoop)
            state.loops.append(reference)
            state.byLoop[id] = reference
            self.hub.add(reference)
            self.presence.add(reference)
            return (reference, state.draining)
        }
        let loop = new.value
        loop.startSweeping()
        if let draining { loop.beginShutdown(over: draining) }
        return loop
    }

    func use(_ routes: RouteTable) {
        let loops = self.state.withLock { state in
            state.routes = routes
            return state.loops
        }
        for loop in loops { loop.run { $0.use(routes) } }
    }

    // MARK: Bus

    /// Runs the bus, if there is one, until this task is cancelled.
    func runBus() async {
        guard let bus = self.bus else { return }
        await bus.run(ProxyBus.Receiver(bus: bus, ingress: self.ingress, hub: self.hub, presence: self.presence))
        self.presence.busChanged(isConnected: false)
    }

    // MARK: Ending

    /// Ends everything: what is held over a time, the rest when it is done, and at last whatever is left.
    func drain(_ timeouts: GRIPProxyServerConfiguration.Timeouts) async {
        self.beginShutdown(over: timeouts.drain)
        let deadline = ContinuousClock.now + timeouts.shutdown
        while ContinuousClock.now < deadline {
            do {
                if try await self.openCount() == 0 { break }
                try await Task.sleep(for: .milliseconds(50))
            } catch { break }
        }
        self.finishShutdown()
        // What has ended last is told too.
        for loop in self.loops {
            do { try await loop.eventLoop.submit { loop.value.presence.tell() }.get() } catch { break }
        }
        self.presence.finishShutdown()
    }

    private func beginShutdown(over period: Duration) {
        self.presence.beginShutdown()
        let loops = self.state.withLock { state in
            state.draining = period
            return state.loops
        }
        for loop in loops { loop.run { $0.beginShutdown(over: period) } }
        self.control.beginShutdown()
    }

    private func finishShutdown() {
        for loop in self.loops { loop.run { $0.finishShutdown() } }
        self.control.finishShutdown()
        self.hub.shutDown()
    }

    /// How many connections are open or have a request that an application in the same process works on.
    func openCount() async throws -> Int {
        var count = self.control.count
        for loop in self.loops { count += try await loop.eventLoop.submit { loop.value.openCount }.get() }
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

    /// Asks all loops for something that takes them a while, see ``gather(on:_:)``.
    func gatherInTurns<Answer: Sendable>(
        on eventLoop: any EventLoop,
        _ body: @escaping @Sendable (ProxyLoop) -> Answer
    ) -> EventLoopFuture<[Answer]> {
        EventLoopFuture.whenAllSucceed(self.loops.map { $0.askInTurn(body) }, on: eventLoop)
    }
}
