package import GRIP
import GRIPEngine
package import GRIPPublisher
package import Logging
package import Metrics
package import NIOCore
package import NIOHTTPTypes
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// A proxy without listeners and without a network behind it: another server's connections are its clients, and the
/// application in the same process is its only origin.
package final class EmbeddedProxy: Sendable {
    /// Serves the application's end of a connection until it is closed.
    ///
    /// Whoever serves calls ``InMemoryChannel/requestHandled()`` after each request.
    package typealias Serve = @Sendable (NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>) async -> Void

    private let configuration: GRIPProxyServerConfiguration
    private let settings: ProxySettingsSnapshot
    private let application = InProcessApplication()
    private let logger: Logger
    /// Nothing for those of the metrics system.
    private let metrics: (any MetricsFactory)?
    private let bus: (any GRIPBus)?
    private let onDeparture: (@Sendable (GRIPDeparture) async -> Void)?
    /// `nil` before the first connection, because the event loops are the server's; with a bus it is made at once.
    private let madeCore = Mutex<ProxyCore?>(nil)
    /// The listener that rests when there are no file descriptors.
    private let guarded = Mutex<ObjectIdentifier?>(nil)
    private let isRunning = Atomic(false)

    /// Makes a proxy.
    ///
    /// - Parameters:
    ///   - configuration: Limits and times, and what is done to headers.
    ///   - key: What signs the requests to the application.
    ///   - issuer: Who signs them.
    ///   - logger: Where it tells what operators need to know.
    ///   - metrics: Where it counts, or nothing for the metrics system.
    ///   - bus: What carries items between this process and others, if there are any; it runs in ``runBus()``.
    ///   - onDeparture: What is told of each member that has left here, one after the other.
    /// - Throws: ``GRIPProxyServerConfigurationError`` when a setting is wrong, or `GRIPError` when a key cannot be used.
    package init(
        _ configuration: GRIPProxyServerConfiguration,
        key: GRIPKey,
        issuer: String,
        logger: Logger,
        metrics: (any MetricsFactory)? = nil,
        bus: (any GRIPBus)? = nil,
        onDeparture: (@Sendable (GRIPDeparture) async -> Void)? = nil
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        self.bus = bus
        self.onDeparture = onDeparture
        let signers = try RouteSigners(issuer: issuer, key: key, logger: logger)
        self.settings = try ProxySettingsSnapshot(
            configuration,
            signers: signers,
            inProcess: self.application,
            loopCount: System.coreCount
        )
        // What is published goes to other instances before anybody is connected to this one.
        if bus != nil { _ = self.core(on: MultiThreadedEventLoopGroup.singleton.any()) }
    }

    // MARK: Clients

    /// Makes a new connection of the server one of the proxy's.
    ///
    /// Called on the connection's event loop.
    package func adopt(_ channel: any Channel) throws {
        let core = self.core(on: channel.eventLoop)
        if let listener = channel.parent { self.guardOnce(listener, core.descriptors, first: channel) }
        try core.adopt(channel, isOverTLS: Self.usesTLS(channel))
    }

    /// Makes a listener of the server one that rests when there are no file descriptors.
    ///
    /// The server has made it, and nobody tells of it before its first connection.
    private func guardOnce(_ listener: any Channel, _ descriptors: DescriptorSupply, first: any Channel) {
        let id = ObjectIdentifier(listener)
        let isNew = self.guarded.withLock { guarded in
            if guarded == id { return false }
            guarded = id
            return true
        }
        guard isNew else { return }
        AcceptGuard.install(on: listener, supply: descriptors)
        let timeouts = self.configuration.timeouts
        for (option, value) in DeadPeerOptions(timeouts.deadClient, write: timeouts.clientWrite).options {
            // Where a socket has no such option, its connections do without. The first one has come too early for those of
            // the listener.
            _ = listener.setOption(option, value: value)
            _ = first.setOption(option, value: value)
        }
    }

    private func core(on eventLoop: any EventLoop) -> ProxyCore {
        self.madeCore.withLock { core in
            if let core { return core }
            let new = ProxyCore(
                self.configuration,
                settings: self.settings,
                routes: RouteTable([]),
                hubLoop: eventLoop,
                logger: self.logger,
                bus: self.bus
            )
            new.descriptors.checkFit(self.configuration.limits)
            if self.onDeparture != nil { new.presence.departures.expect() }
            core = new
            return new
        }
    }

    private static func usesTLS(_ channel: any Channel) -> Bool {
        do {
            _ = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            return true
        } catch {
            return false
        }
    }

    /// Makes a connection one for publishers.
    ///
    /// Called on the connection's event loop.
    ///
    /// - Parameters:
    ///   - channel: A connection that something else accepted, without TLS.
    ///   - token: What publishers have to show, if anything.
    package func adoptControl(_ channel: any Channel, token: GRIPSecret? = nil) throws {
        let apis = ControlAPIs(self.configuration, token: token?.text)
        try ControlHandler.install(on: channel, apis: apis, core: self.core(on: channel.eventLoop))
    }

    // MARK: Presence

    /// Who is on which channel: the members of this proxy, and those of the others on its bus.
    package var presence: any GRIPPresence { EmbeddedPresence(proxy: self) }

    fileprivate var madePresence: ProxyPresence {
        ProxyPresence(center: self.core(on: MultiThreadedEventLoopGroup.singleton.any()).presence)
    }

    // MARK: Life

    /// Whether there is a bus.
    package var hasBus: Bool { self.bus != nil }

    /// Runs the bus, if there is one, until this task is cancelled.
    package func runBus() async { await self.madeCore.withLock { $0 }?.runBus() }

    /// Whether nobody runs the application yet; now somebody does.
    package func begin() -> Bool { !self.isRunning.exchange(true, ordering: .relaxed) }

    /// Runs the application for all connections, until the server that accepted one of them ends and all is drained.
    ///
    /// - Parameters:
    ///   - connection: A connection of the server.
    ///   - executor: Where the application runs.
    ///   - serve: What serves the application's end of a connection.
    package func run(
        with connection: any Channel,
        on executor: GRIPHandlerExecutor = .inherited,
        serve: @escaping Serve
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await self.recordingMetrics {
                    await Self.end(ofServerOf: connection)
                    await self.madeCore.withLock { $0 }?.drain(self.configuration.timeouts)
                }
                self.application.end()
            }
            if let onDeparture = self.onDeparture, let core = self.madeCore.withLock({ $0 }) {
                group.addTask { await core.presence.departures.run(onDeparture) }
            }
            await self.application.run(in: &group, on: executor, serve)
        }
    }

    private func recordingMetrics(_ body: () async -> Void) async {
        await withDiscardingTaskGroup { group in
            if let core = self.madeCore.withLock({ $0 }) {
                group.addTask { await core.record(with: self.metrics ?? MetricsSystem.factory) }
            }
            await body()
            group.cancelAll()
        }
    }

    /// Waits until a connection's server takes no more connections, or this task is told to end.
    private static func end(ofServerOf connection: any Channel) async {
        let isOver = Promise<Void>()
        connection.parent?.closeFuture.whenComplete { _ in isOver.succeed(()) }
        await withTaskCancellationOrGracefulShutdownHandler {
            // Never fails: nobody fails it.
            do { try await isOver.value } catch {}
        } onCancelOrGracefulShutdown: {
            isOver.succeed(())
        }
    }
}

extension EmbeddedProxy: GRIPPublishing {
    /// Publishes, and returns when there is room for more.
    @discardableResult
    package func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try GRIPPublication.checkLines(publications)
        // Before the first connection nobody can be subscribed.
        let refusal = await self.madeCore.withLock { $0 }?.ingress.publish(publications)
        return GRIPPublishResult(
            outcomes: [.init(controlURI: "embedded:", accepted: publications.count, busRefusal: refusal)]
        )
    }

    /// Publishes, and counts the connections that have got something.
    @discardableResult
    package func publish(
        _ publications: [GRIPPublication],
        countingDeliveries: Bool
    ) async throws -> GRIPPublishResult {
        guard countingDeliveries else { return try await self.publish(publications) }
        try GRIPPublication.checkLines(publications)
        let count = try await self.madeCore.withLock { $0 }?.ingress.publishCounting(publications)
        return GRIPPublishResult(
            outcomes: [
                .init(
                    controlURI: "embedded:",
                    accepted: publications.count,
                    deliveries: count?.deliveries.reduce(0) { $0 + $1.total } ?? 0,
                    busRefusal: count?.busRefusal
                )
            ]
        )
    }

    /// Publishes, unless too much is waiting.
    @discardableResult
    package func enqueue(_ publications: [GRIPPublication]) -> Bool {
        guard publications.areValid(logger: self.logger) else { return false }
        // Before the first connection nobody can be subscribed.
        return self.madeCore.withLock { $0 }?.ingress.enqueue(publications) ?? true
    }
}

/// Presence at a proxy that is not made before it is needed.
private struct EmbeddedPresence: GRIPPresence {
    let proxy: EmbeddedProxy

    func members(of channel: String) async throws(GRIPPresenceError) -> GRIPPresenceSnapshot {
        try await self.proxy.madePresence.members(of: channel)
    }

    func changes(of channel: String) -> GRIPPresenceChanges { self.proxy.madePresence.changes(of: channel) }

    func kick(_ key: String, from channel: String) async throws(GRIPPresenceError) {
        try await self.proxy.madePresence.kick(key, from: channel)
    }
}
