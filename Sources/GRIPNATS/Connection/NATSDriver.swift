import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Runs what the state machines of a connection decide; it belongs to one event loop.
final class NATSDriver {
    enum Phase {
        case idle, running, shuttingDown, ended
    }

    /// Who hears of what happens, on the event loop.
    struct Hooks: Sendable {
        var onEvent: @Sendable (GRIPNATSEvent) -> Void
        /// The server is not content with something; told before the event.
        var onComplaint: (@Sendable (NATSServerError) -> Void)?
        /// What came together, messages and complaints, is over.
        var onReadComplete: (@Sendable () -> Void)?
        /// The last moment to publish something.
        var onShutdown: (@Sendable () -> Void)?
        /// Whether operators are told elsewhere that there is a connection or none.
        var tellsOfConnection = false
    }

    /// How long what waits may take to be sent at the end.
    static let shutdownTime: TimeAmount = .seconds(1)

    let eventLoop: any EventLoop
    let shared: NATSShared
    let configuration: GRIPNATSConfiguration
    let hooks: Hooks
    var context: NIOSSLContext?

    var phase = Phase.idle
    var finished: EventLoopPromise<Void>?
    var reconnection: NATSReconnection
    var session: NATSSession?
    var server: GRIPNATSServer?
    var channel: (any Channel)?
    /// Counts the connections that were begun.
    var number = 0
    var table = SubscriptionTable()
    var timer: Scheduled<Void>?
    var timerDeadline: NIODeadline?
    /// Ends a shutdown that takes too long.
    var shutdownTimer: Scheduled<Void>?
    var log: NATSConnectionLog
    var control = NATSControlWrites()
    var receivedCount = 0
    /// Whether something came since it was last said that a read is complete.
    var hasNews = false
    /// Whether nobody has room for messages, neither for those of this connection nor of the ones after it.
    var isReadingPaused = false
    var exchanges = NATSExchanges()
    /// Why there will be no other connection.
    var end: GRIPNATSError?

    init(
        configuration: GRIPNATSConfiguration,
        eventLoop: any EventLoop,
        shared: NATSShared,
        seed: UInt64,
        logger: Logger?,
        hooks: Hooks
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.shared = shared
        self.log = NATSConnectionLog(logger, isToldElsewhere: hooks.tellsOfConnection)
        self.hooks = hooks
        self.reconnection = NATSReconnection(
            servers: configuration.servers,
            settings: NATSReconnection.Settings(
                firstDelay: TimeAmount(configuration.firstReconnectDelay),
                longestDelay: TimeAmount(configuration.longestReconnectDelay),
                isRandom: configuration.triesServersInRandomOrder,
                usesDiscovered: configuration.usesDiscoveredServers
            ),
            seed: seed
        )
    }

    var now: NIODeadline { self.eventLoop.now }

    // MARK: Running

    func start(_ context: NIOSSLContext, _ finished: EventLoopPromise<Void>) {
        guard self.phase == .idle else { return finished.succeed() }
        self.phase = .running
        self.context = context
        self.finished = finished
        self.advance()
    }

    /// Sends what waits, for a while, and ends.
    func shutDown() {
        switch self.phase {
        case .idle: self.finish(nil)
        case .shuttingDown, .ended: return
        case .running:
            guard self.session?.isReady == true else { return self.finish(nil) }
            self.phase = .shuttingDown
            self.hooks.onShutdown?()
            self.tick()
            let id = self.shared.nextExchange()
            guard let action = self.session?.ping(id, isLast: true) else { return self.finish(nil) }
            self.exchanges.lastPing = id
            self.perform(action)
            self.settle()
            self.shutdownTimer = self.eventLoop.assumeIsolated().scheduleTask(in: Self.shutdownTime) {
                self.finish(nil)
            }
        }
    }

    /// Ends for good.
    ///
    /// - Parameter error: Why no other connection is attempted, or `nil` where none is wanted.
    func finish(_ error: GRIPNATSError?) {
        guard self.phase != .ended else { return }
        self.phase = .ended
        let end = error ?? GRIPNATSError(.closed, "the connection was shut down")
        self.end = end
        self.timer?.cancel()
        self.timer = nil
        self.shutdownTimer?.cancel()
        self.shutdownTimer = nil
        self.number += 1
        self.session = nil
        self.shared.state.withLock { $0.close() }
        // Those who receive may hold the connection, which would hold them for ever.
        self.table = SubscriptionTable()
        self.exchanges.end(end)
        let finished = self.finished
        self.finished = nil
        let result: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
        guard let channel = self.channel else {
            finished?.completeWith(result)
            return
        }
        self.channel = nil
        channel.close().assumeIsolated().whenComplete { _ in finished?.completeWith(result) }
    }

    // MARK: Time

    func updateTimer() {
        guard let deadline = self.session?.nextDeadline else { return }
        self.wake(at: deadline)
    }

    func wake(at deadline: NIODeadline) {
        if let timerDeadline, timerDeadline <= deadline { return }
        self.timer?.cancel()
        self.timerDeadline = deadline
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.timerDeadline = nil
            self.woken()
        }
    }

    func woken() {
        guard self.phase == .running || self.phase == .shuttingDown else { return }
        if let action = self.session?.wake(now: self.now) { self.perform(action) }
        self.advance()
        self.settle()
    }
}
