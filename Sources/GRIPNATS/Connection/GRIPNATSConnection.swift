public import Logging
public import NIOCore
public import NIOPosix
import NIOSSL
import Synchronization

/// A connection to NATS that is made again whenever it is lost.
///
/// It works while ``run()`` does:
///
/// ```swift
/// let connection = GRIPNATSConnection(try GRIPNATSConfiguration(url: "nats://localhost:4222"))
/// try await withThrowingTaskGroup(of: Void.self) { group in
///     group.addTask { try await connection.run() }
///     connection.subscribe(to: "orders.*") { message in print(message.subject) }
///     try await connection.waitUntilConnected()
///     try connection.publish(ByteBuffer(string: "one"), to: "orders.created")
///     group.cancelAll()
/// }
/// ```
///
/// Subscriptions may begin and end at any time, from any thread and in any number; they are with the server whenever there
/// is one. Messages are refused while there is no connection, and when too many wait, unless the configuration says
/// otherwise: see ``GRIPNATSConfiguration/disconnectedLimit``.
public final class GRIPNATSConnection: Sendable {
    let configuration: GRIPNATSConfiguration
    let eventLoop: any EventLoop
    let shared: NATSShared
    let driver: NIOLoopBoundBox<NATSDriver>
    let inbox = NATSInbox()

    /// Makes a connection, which is established by ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Where the servers are, and how a connection to them is kept.
    ///   - eventLoopGroup: Whose event loops are used; the connection is on one of them.
    ///   - logger: Where it is said when a connection is made or lost, and what servers complain of.
    ///   - onEvent: What hears of it too. It is called on the event loop, in order, and must not block.
    public convenience init(
        _ configuration: GRIPNATSConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil,
        onEvent: @escaping @Sendable (GRIPNATSEvent) -> Void = { _ in }
    ) {
        self.init(
            configuration,
            eventLoop: eventLoopGroup.next(),
            logger: logger,
            hooks: NATSDriver.Hooks(onEvent: onEvent)
        )
    }

    /// Makes a connection with somebody who hears more of it.
    init(
        _ configuration: GRIPNATSConfiguration,
        eventLoop: any EventLoop,
        logger: Logger?,
        hooks: NATSDriver.Hooks
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        let shared = NATSShared(
            limits: NATSOutbox.Limits(bytes: configuration.outboundLimit, disconnected: configuration.disconnectedLimit)
        )
        self.shared = shared
        self.driver = NIOLoopBoundBox.makeBoxSendingValue(
            NATSDriver(
                configuration: configuration,
                eventLoop: eventLoop,
                shared: shared,
                seed: .random(in: 0...UInt64.max),
                logger: logger,
                hooks: hooks
            ),
            eventLoop: eventLoop
        )
    }

    // MARK: Running

    /// Connects, stays connected, and returns when its task is cancelled.
    ///
    /// It goes on trying for as long as no server can be reached. Once cancelled, it sends what was taken, for a second at
    /// most. A connection runs once.
    ///
    /// - Throws: ``GRIPNATSError`` when trying again is of no use: a file for TLS cannot be read, no server is configured,
    ///   or all servers refuse the credentials before any of them has taken them.
    public func run() async throws {
        let hasRun = self.shared.state.withLock { state in
            defer { state.hasRun = true }
            return state.hasRun
        }
        guard !hasRun else { throw GRIPNATSError(.closed, "a connection to NATS runs once; make another one") }
        let driver = self.driver
        let context: NIOSSLContext
        do throws(GRIPNATSError) {
            guard !self.configuration.servers.isEmpty else {
                throw GRIPNATSError(.url, "no NATS server is configured")
            }
            context = try self.configuration.tls.context()
        } catch {
            // There may be some who wait for a connection.
            self.eventLoop.execute { driver.value.finish(error) }
            throw error
        }
        let finished = self.eventLoop.makePromise(of: Void.self)
        try await withTaskCancellationHandler {
            self.eventLoop.execute { driver.value.start(context, finished) }
            try await finished.futureResult.get()
        } onCancel: {
            self.eventLoop.execute { driver.value.shutDown() }
        }
    }

    /// Returns when there is a connection, at once where there is one already.
    ///
    /// - Throws: What ``run()`` throws, when it ends before; `CancellationError` when the task is cancelled.
    public func waitUntilConnected() async throws {
        try Task.checkCancellation()
        let connected = self.eventLoop.makePromise(of: Void.self)
        let id = self.shared.nextExchange()
        let driver = self.driver
        self.eventLoop.execute { driver.value.awaitConnection(id, connected) }
        try await withTaskCancellationHandler {
            try await connected.futureResult.get()
        } onCancel: {
            self.eventLoop.execute { driver.value.exchanges.cancel(id) }
        }
    }

    /// What the connection has done so far.
    public var statistics: GRIPNATSStatistics {
        self.shared.state.withLock { state in
            var statistics = state.statistics
            statistics.lost = state.outbox.lostMessages
            statistics.waitingBytes = state.outbox.byteCount
            return statistics
        }
    }

    /// Lets the driver look at what other threads have left for it.
    func scheduleTick() {
        let driver = self.driver
        self.eventLoop.execute { driver.value.tick() }
    }

    // MARK: Reading

    /// Reads on, or lets the server wait until it throws messages away.
    package func setReading(_ isReading: Bool) {
        let driver = self.driver
        if self.eventLoop.inEventLoop {
            driver.value.setReading(isReading)
        } else {
            self.eventLoop.execute { driver.value.setReading(isReading) }
        }
    }
}
