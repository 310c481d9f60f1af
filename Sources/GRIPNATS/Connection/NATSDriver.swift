import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Runs what the state machines of a connection decide; it belongs to one event loop.
final class NATSDriver {
    private enum Phase {
        case idle, running, shuttingDown, ended
    }

    /// Who hears of what happens, on the event loop.
    struct Hooks: Sendable {
        var onEvent: @Sendable (GRIPNATSEvent) -> Void
        /// Messages that came together are over.
        var onReadComplete: (@Sendable () -> Void)?
        /// The last moment to publish something.
        var onShutdown: (@Sendable () -> Void)?
        /// Whether operators are told elsewhere that there is a connection or none.
        var tellsOfConnection = false
    }

    /// How long what waits may take to be sent at the end.
    static let shutdownTime: TimeAmount = .seconds(1)

    let eventLoop: any EventLoop
    private let shared: NATSShared
    private let configuration: GRIPNATSConfiguration
    private let logger: Logger?
    private let hooks: Hooks
    private var context: NIOSSLContext?

    private var phase = Phase.idle
    private var finished: EventLoopPromise<Void>?
    private var reconnection: NATSReconnection
    private var session: NATSSession?
    private var server: GRIPNATSServer?
    private var channel: (any Channel)?
    /// Counts the connections that were begun.
    private var number = 0
    private var table = SubscriptionTable()
    private var timer: Scheduled<Void>?
    private var timerDeadline: NIODeadline?
    private var lastFailure: GRIPNATSError?
    private var receivedCount = 0
    /// Whether messages were delivered since it was last said that a read is complete.
    private var hasDelivered = false
    private var isReadingPaused = false
    private var needsFlush = false
    var exchanges = NATSExchanges()

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
        self.logger = logger
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

    private var now: NIODeadline { self.eventLoop.now }

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
            let id = self.exchanges.nextID()
            guard let action = self.session?.ping(id) else { return self.finish(nil) }
            self.exchanges.lastPing = id
            self.perform(action)
            self.settle()
            self.eventLoop.assumeIsolated().scheduleTask(in: Self.shutdownTime) { self.finish(nil) }
        }
    }

    private func finish(_ error: GRIPNATSError?) {
        guard self.phase != .ended else { return }
        self.phase = .ended
        self.timer?.cancel()
        self.timer = nil
        self.number += 1
        self.session = nil
        self.shared.state.withLock { $0.outbox.closed() }
        self.exchanges.end(error ?? GRIPNATSError(.closed, "the connection was shut down"))
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

    // MARK: Connecting

    private func advance() {
        guard self.phase == .running, let step = self.reconnection.next(now: self.now) else { return }
        switch step {
        case .connect(let server): self.connect(to: server)
        case .wait(let deadline): self.wake(at: deadline)
        case .fail(let error): self.finish(error)
        }
    }

    private func connect(to server: GRIPNATSServer) {
        self.number += 1
        let number = self.number
        self.server = server
        self.session = NATSSession(
            NATSSession.Configuration(
                credentials: self.configuration.credentials ?? server.credentials,
                name: self.configuration.name,
                echoes: self.configuration.receivesOwnMessages,
                requiresTLS: server.requiresTLS,
                isEncrypted: self.configuration.tls.startsAtOnce,
                // One time to connect, and one for what follows.
                handshakeTimeout: TimeAmount(self.configuration.connectTimeout * 2),
                pingInterval: TimeAmount(self.configuration.pingInterval),
                maximumUnansweredPings: self.configuration.maximumUnansweredPings,
                limits: NATSOperationReader.Limits(message: self.configuration.receivedMessageLimit)
            ),
            now: self.now
        )
        self.isReadingPaused = false
        let driver = NIOLoopBound(self, eventLoop: self.eventLoop)
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(TimeAmount(self.configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let driver = driver.value
                    if driver.configuration.tls.startsAtOnce { try driver.addTLS(to: channel) }
                    try channel.pipeline.syncOperations.addHandler(NATSChannelHandler(driver, number: number))
                }
            }
            .connect(host: server.host, port: server.port)
            .assumeIsolated()
            .whenFailure { self.channelClosed($0, on: number) }
        self.updateTimer()
    }

    private func addTLS(to channel: any Channel) throws {
        guard let context, let server else { return }
        let name = self.configuration.tls.serverName ?? server.nameForCertificate
        let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    }

    // MARK: What happens on the channel

    /// Takes the first channel that is connected.
    ///
    /// - Returns: Whether it is of use.
    func takeChannel(_ channel: any Channel, on number: Int) -> Bool {
        guard number == self.number, self.phase == .running, self.channel == nil else { return false }
        self.channel = channel
        return true
    }

    func received(_ piece: ByteBuffer, on number: Int) {
        guard number == self.number else { return }
        self.session?.receive(piece)
        self.drain()
    }

    func encrypted(on number: Int) {
        guard number == self.number else { return }
        self.session?.encrypted()
        self.drain()
        self.settle()
    }

    func readCompleted(on number: Int) {
        guard number == self.number else { return }
        self.countReceived()
        if self.hasDelivered {
            self.hasDelivered = false
            self.hooks.onReadComplete?()
        }
        self.settle()
    }

    func channelClosed(_ error: (any Error)?, on number: Int) {
        guard number == self.number else { return }
        let failure =
            error.map(NATSConnectionFailure.error) ?? GRIPNATSError(.connection, "the server closed the connection")
        if let action = self.session?.disconnected(failure) { self.perform(action) }
    }

    /// Adds up what has come since the last time; a lock for each message would be too much.
    private func countReceived() {
        guard self.receivedCount > 0 else { return }
        let count = self.receivedCount
        self.receivedCount = 0
        self.hasDelivered = true
        self.shared.state.withLock { $0.statistics.received += count }
    }

    private func drain() {
        let now = self.now
        while let action = self.session?.next(now: now) { self.perform(action) }
    }

    /// Writes what has come together.
    private func settle() {
        if self.needsFlush {
            self.needsFlush = false
            self.channel?.flush()
        }
        self.updateTimer()
    }

    // MARK: Actions

    private func perform(_ action: NATSSession.Action) {
        switch action {
        case .deliver(let message):
            self.receivedCount += 1
            self.table[message.subscription]?.receive(message)
        case .send(let operation):
            var buffer = ByteBuffer()
            buffer.writeNATS(operation)
            self.channel?.write(buffer, promise: nil)
            self.needsFlush = true
        case .startTLS:
            guard let channel else { return }
            do {
                try self.addTLS(to: channel)
            } catch {
                channel.pipeline.fireErrorCaught(error)
            }
        case .ready(let info): self.becomeReady(info)
        case .infoChanged(let info):
            self.shared.state.withLock { $0.outbox.infoChanged(info) }
            self.reconnection.discover(info.servers)
            if info.isLeaving { self.tell(.serverLeaving) }
        case .skipped(_, let byteCount):
            self.shared.state.withLock { $0.statistics.skipped += 1 }
            self.logger?.warning("NATS: skipped a message that is too large", metadata: ["bytes": "\(byteCount)"])
            self.tell(.messageSkipped(byteCount: byteCount))
        case .answered(let id):
            self.countReceived()
            if self.exchanges.answered(id), self.phase == .shuttingDown { self.finish(nil) }
        case .complain(let error):
            self.logger?.warning("NATS: \(error.error.reason)")
            self.tell(.refused(error.error))
        case .close(let error): self.lose(error)
        }
    }

    private func becomeReady(_ info: NATSServerInfo) {
        self.lastFailure = nil
        self.reconnection.connected(discovered: info.servers, now: self.now)
        self.shared.state.withLock { state in
            self.table.apply(state.changes)
            state.changes = []
            state.outbox.connected(info, subscriptions: self.table.all)
            state.statistics.connections += 1
        }
        self.tick()
        let server = self.server.map { "\($0) (\(info.name))" } ?? info.name
        let level: Logger.Level = self.hooks.tellsOfConnection ? .debug : .info
        self.logger?.log(
            level: level,
            "NATS: connected",
            metadata: ["server": "\(server)", "version": "\(info.version)"]
        )
        self.tell(.connected(server: server))
        self.exchanges.connected()
    }

    private func lose(_ error: GRIPNATSError) {
        let error = GRIPNATSError(error.code, "\(self.server.map { "\($0): " } ?? "")\(error.reason)")
        self.session = nil
        self.number += 1
        self.channel?.close(promise: nil)
        self.channel = nil
        self.countReceived()
        if self.hasDelivered {
            self.hasDelivered = false
            self.hooks.onReadComplete?()
        }
        self.shared.state.withLock { $0.outbox.disconnected() }
        self.exchanges.fail(GRIPNATSError(.disconnected, error.reason))
        if self.phase == .shuttingDown { return self.finish(nil) }
        self.reconnection.failed(error, now: self.now)
        if self.lastFailure != error {
            self.lastFailure = error
            let level: Logger.Level = self.hooks.tellsOfConnection ? .debug : .warning
            self.logger?.log(level: level, "NATS: no connection", metadata: ["reason": "\(error.reason)"])
            self.tell(.disconnected(error))
        }
        self.advance()
    }

    private func tell(_ event: GRIPNATSEvent) { self.hooks.onEvent(event) }

    // MARK: Sending

    /// Learns what other threads have left here, and sends it.
    func tick() {
        let (changes, batch, isStalled) = self.shared.state.withLock { state in
            state.isScheduled = false
            let changes = state.changes
            state.changes = []
            return (changes, state.outbox.take(), state.outbox.isStalled)
        }
        self.table.apply(changes)
        guard let channel, let batch else { return }
        guard !isStalled else {
            self.shared.state.withLock { $0.outbox.written(batch.byteCount) }
            return self.drop(GRIPNATSError(.stale, "the server does not take what is sent to it"))
        }
        let written = self.eventLoop.makePromise(of: Void.self)
        for (index, part) in batch.parts.enumerated() {
            channel.write(part, promise: index == batch.parts.count - 1 ? written : nil)
        }
        channel.flush()
        self.needsFlush = false
        let shared = self.shared
        let byteCount = batch.byteCount
        written.futureResult.whenComplete { _ in shared.state.withLock { $0.outbox.written(byteCount) } }
    }

    private func drop(_ error: GRIPNATSError) {
        if let action = self.session?.disconnected(error) { self.perform(action) }
    }

    /// Sends what waits and a ping after it.
    func flush(_ answered: EventLoopPromise<Void>) {
        self.tick()
        let id = self.exchanges.nextID()
        guard let action = self.session?.ping(id) else {
            return answered.fail(GRIPNATSError(.disconnected, "there is no connection to a server"))
        }
        self.exchanges.await(id, answered)
        self.perform(action)
        self.settle()
    }

    func awaitConnection(_ id: UInt64, _ promise: EventLoopPromise<Void>) {
        if self.phase == .ended {
            promise.fail(GRIPNATSError(.closed, "the connection was shut down"))
        } else if self.session?.isReady == true {
            promise.succeed()
        } else {
            self.exchanges.awaitConnection(id, promise)
        }
    }

    /// Reads on, or lets the server wait.
    func setReading(_ isReading: Bool) {
        guard self.isReadingPaused == isReading, let channel else { return }
        self.isReadingPaused = !isReading
        self.session?.isPaused = !isReading
        channel.setOption(.autoRead, value: isReading).assumeIsolated().whenSuccess {
            if isReading { channel.read() }
        }
    }

    // MARK: Time

    private func updateTimer() {
        guard let deadline = self.session?.nextDeadline else { return }
        self.wake(at: deadline)
    }

    private func wake(at deadline: NIODeadline) {
        if let timerDeadline, timerDeadline <= deadline { return }
        self.timer?.cancel()
        self.timerDeadline = deadline
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.timerDeadline = nil
            self.woken()
        }
    }

    private func woken() {
        guard self.phase == .running || self.phase == .shuttingDown else { return }
        if let action = self.session?.wake(now: self.now) { self.perform(action) }
        self.advance()
        self.settle()
    }
}
