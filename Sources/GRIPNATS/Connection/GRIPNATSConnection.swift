public import Logging
public import NIOCore
public import NIOPosix
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
    private let configuration: GRIPNATSConfiguration
    private let eventLoop: any EventLoop
    private let shared: NATSShared
    private let driver: NIOLoopBoundBox<NATSDriver>
    private let inbox: NATSInbox

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
        self.inbox = NATSInbox()
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
        guard !self.configuration.servers.isEmpty else {
            throw GRIPNATSError(.url, "no NATS server is configured")
        }
        let context = try self.configuration.tls.context()
        let hasRun = self.shared.state.withLock { state in
            defer { state.hasRun = true }
            return state.hasRun
        }
        guard !hasRun else { throw GRIPNATSError(.closed, "a connection to NATS runs once; make another one") }
        let finished = self.eventLoop.makePromise(of: Void.self)
        let driver = self.driver
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
        let id = self.inbox.nextRequest()
        let driver = self.driver
        self.eventLoop.execute { driver.value.awaitConnection(id, connected) }
        try await withTaskCancellationHandler {
            try await connected.futureResult.get()
        } onCancel: {
            self.eventLoop.execute { driver.value.exchanges.stopWaiting(id) }
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

    // MARK: Publishing

    /// Publishes a message, without waiting until it is sent.
    ///
    /// - Parameters:
    ///   - payload: What is published.
    ///   - subject: The subject.
    ///   - reply: Where answers are to go.
    ///   - headers: The headers.
    /// - Throws: ``GRIPNATSError`` when the message is not taken: ``GRIPNATSError/Code/disconnected``,
    ///   ``GRIPNATSError/Code/full``, ``GRIPNATSError/Code/tooLarge`` or ``GRIPNATSError/Code/headers``. What is taken is
    ///   lost when the connection is lost before it is sent.
    public func publish(
        _ payload: ByteBuffer,
        to subject: GRIPNATSSubject,
        reply: GRIPNATSSubject? = nil,
        headers: GRIPNATSHeaders = GRIPNATSHeaders()
    ) throws(GRIPNATSError) {
        let message = NATSOutbox.Message(subject, reply: reply, headers: headers.block, payload)
        if let refusal = self.take(1, { $0.publish(message) }) { throw GRIPNATSError(refusal) }
    }

    /// Publishes messages, all of them or none.
    package func publish(_ messages: [NATSOutbox.Message]) -> NATSOutbox.Refusal? {
        self.take(messages.count) { $0.publish(messages) }
    }

    private func take(_ count: Int, _ body: (inout NATSOutbox) -> NATSOutbox.Refusal?) -> NATSOutbox.Refusal? {
        let (refusal, mustSchedule) = self.shared.state.withLock { state in
            let refusal = body(&state.outbox)
            if refusal == nil { state.statistics.published += count } else { state.statistics.refused += count }
            return (refusal, refusal == nil && state.schedule())
        }
        if mustSchedule { self.scheduleTick() }
        return refusal
    }

    private func scheduleTick() {
        let driver = self.driver
        self.eventLoop.execute { driver.value.tick() }
    }

    /// Returns when the server has read all that was published and subscribed to before.
    ///
    /// - Throws: ``GRIPNATSError`` when there is no connection, or it is lost before.
    public func flush() async throws {
        let answered = self.eventLoop.makePromise(of: Void.self)
        let driver = self.driver
        self.eventLoop.execute { driver.value.flush(answered) }
        try await answered.futureResult.get()
    }

    /// Does something when the server has read all that was published and subscribed to before; not at all where the
    /// connection is lost first.
    ///
    /// Only on the event loop.
    func afterFlush(_ body: @escaping @Sendable () -> Void) {
        let answered = self.eventLoop.makePromise(of: Void.self)
        self.driver.value.flush(answered)
        answered.futureResult.whenSuccess(body)
    }

    // MARK: Subscribing

    /// Begins a subscription, which lasts until it is ended: without a connection it is remembered, and after a loss it is
    /// begun again.
    ///
    /// - Parameters:
    ///   - pattern: Which subjects it is for.
    ///   - receive: What is called with each message, on the event loop of the connection, in the order in which the server
    ///     has sent them. It must not block.
    /// - Returns: What ends it.
    @discardableResult
    public func subscribe(
        to pattern: GRIPNATSSubjectPattern,
        _ receive: @escaping @Sendable (GRIPNATSMessage) -> Void
    ) -> GRIPNATSSubscription {
        let entry = SubscriptionTable.Entry(pattern: pattern, receive: receive)
        let (id, mustSchedule) = self.shared.state.withLock { state in
            let id = state.nextSubscription
            state.nextSubscription += 1
            state.changes.append(.begin(id, entry))
            state.outbox.send(.subscribe(id, pattern))
            return (id, state.schedule())
        }
        if mustSchedule { self.scheduleTick() }
        return GRIPNATSSubscription(id: id)
    }

    /// Ends a subscription; messages that are on their way may still come.
    ///
    /// - Parameter subscription: The subscription; one that has ended already is left alone.
    public func unsubscribe(_ subscription: GRIPNATSSubscription) {
        let mustSchedule = self.shared.state.withLock { state in
            state.changes.append(.end(subscription.id))
            state.outbox.send(.unsubscribe(subscription.id))
            return state.schedule()
        }
        if mustSchedule { self.scheduleTick() }
    }

    // MARK: Requests

    /// Publishes a message and waits for the first answer.
    ///
    /// - Parameters:
    ///   - payload: What is published.
    ///   - subject: The subject.
    ///   - headers: The headers.
    ///   - timeout: How long to wait.
    /// - Throws: ``GRIPNATSError`` when the message is not taken, when nobody listens to the subject
    ///   (``GRIPNATSError/Code/noResponders``), when no answer comes in time or the connection is lost before;
    ///   `CancellationError` when the task is cancelled.
    /// - Returns: The answer.
    public func request(
        _ payload: ByteBuffer,
        to subject: GRIPNATSSubject,
        headers: GRIPNATSHeaders = GRIPNATSHeaders(),
        timeout: Duration = .seconds(5)
    ) async throws -> GRIPNATSMessage {
        try Task.checkCancellation()
        let driver = self.driver
        if let pattern = self.inbox.begin() {
            let inbox = self.inbox
            self.subscribe(to: pattern) { message in
                guard let id = inbox.request(of: message) else { return }
                driver.value.exchanges.answered(id, message.answer)
            }
        }
        let id = self.inbox.nextRequest()
        let answer = self.eventLoop.makePromise(of: GRIPNATSMessage.self)
        let time = TimeAmount(timeout)
        self.eventLoop.execute { [eventLoop] in
            driver.value.exchanges.await(id, answer)
            let timer = eventLoop.scheduleTask(in: time) {
                driver.value.exchanges.answered(id, .failure(GRIPNATSError(.timeout, "no answer within \(timeout)")))
            }
            answer.futureResult.whenComplete { _ in timer.cancel() }
        }
        do {
            try self.publish(payload, to: subject, reply: self.inbox.reply(to: id), headers: headers)
        } catch {
            self.eventLoop.execute { driver.value.exchanges.answered(id, .failure(error)) }
        }
        return try await withTaskCancellationHandler {
            do {
                return try await answer.futureResult.get()
            } catch {
                try Task.checkCancellation()
                throw error
            }
        } onCancel: {
            self.eventLoop.execute {
                driver.value.exchanges.answered(id, .failure(GRIPNATSError(.closed, "the request was cancelled")))
            }
        }
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

extension NATSShared.State {
    /// Whether the event loop has to be told that there is something to do.
    mutating func schedule() -> Bool {
        guard !self.isScheduled else { return false }
        self.isScheduled = true
        return true
    }
}

extension GRIPNATSError {
    init(_ refusal: NATSOutbox.Refusal) {
        switch refusal {
        case .disconnected: self.init(.disconnected, "there is no connection to a server; nothing was sent")
        case .full: self.init(.full, "as much as may wait is waiting already; nothing was sent")
        case .tooLarge(let maximum): self.init(.tooLarge, "the server takes messages of at most \(maximum) bytes")
        case .noHeaders: self.init(.headers, "the server does not take headers")
        case .closed: self.init(.closed, "the connection was shut down")
        }
    }
}
