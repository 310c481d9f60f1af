public import GRIP
public import GRIPPublisher
public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// Publishes to all instances of an application over NATS, from a process that is none: a worker, a cron job, a command.
///
/// It works while ``run()`` does; ``withGRIPNATSPublisher(_:prefix:channelPrefix:logger:_:)`` takes care of that. The
/// instances that have subscribers of a channel get what is published to it through their ``GRIPNATSBus``, which has the
/// same prefix.
public final class GRIPNATSPublisher: GRIPPublishing {
    /// Remembers why there is no connection.
    private final class Receiver: GRIPBusReceiver {
        private let lastReason = Mutex<String?>(nil)

        var reason: String? { self.lastReason.withLock { $0 } }

        func receive(_ publications: [GRIPPublication]) {}

        func missed(_ gap: GRIPBusGap) {}

        func stateChanged(_ state: GRIPBusState) {
            self.lastReason.withLock { lastReason in
                if case .disconnected(let reason) = state { lastReason = reason } else { lastReason = nil }
            }
        }
    }

    private let bus: GRIPNATSBus
    private let receiver = Receiver()
    private let channelPrefix: GRIPPrefix?
    private let patience: Duration
    private let servers: String
    private let logger: Logger?

    /// Makes a publisher, which connects when it runs.
    ///
    /// - Parameters:
    ///   - configuration: Where the servers are, and how a connection to them is kept.
    ///   - prefix: What the subjects begin with, as for the ``GRIPNATSBus`` of the instances.
    ///   - channelPrefix: What the names of all channels begin with, where the instances' routes add one.
    ///   - patience: How long to wait for a connection, and again until the server has read what was published.
    ///   - eventLoopGroup: Whose event loops are used.
    ///   - logger: Where it is said when the connection is made or lost, and what was enqueued and not taken.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/subject`` when the prefix is too long.
    public init(
        _ configuration: GRIPNATSConfiguration,
        prefix: GRIPNATSSubject = "grip",
        channelPrefix: GRIPPrefix? = nil,
        patience: Duration = .seconds(5),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil
    ) throws(GRIPNATSError) {
        self.bus = try GRIPNATSBus(
            configuration,
            prefix: prefix,
            eventLoopGroup: eventLoopGroup,
            receiverTellsOfConnection: false,
            logger: logger
        )
        self.channelPrefix = channelPrefix
        self.patience = patience
        self.servers = configuration.servers.map { "nats://\($0)" }.joined(separator: ",")
        self.logger = logger
    }

    /// Connects, stays connected, and returns when its task is cancelled; what was taken is sent before, for a second at
    /// most.
    ///
    /// - Throws: What ``GRIPNATSConnection/run()`` throws.
    public func run() async throws { try await self.bus.run(self.receiver) }

    /// Publishes, and returns when the server has read it.
    ///
    /// Whether any instance has got it is not known: NATS does not tell.
    ///
    /// - Parameter publications: What to publish, in order; it is taken as a whole or not at all.
    /// - Throws: `GRIPError` with the code `item` when a name or an id has line ends; `GRIPPublishError` when there is no
    ///   connection in time, when too much waits, or when a publication is too large for the server; `CancellationError`
    ///   when the task is cancelled.
    /// - Returns: One outcome, that of the server.
    @discardableResult
    public func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try GRIPPublication.checkLines(publications)
        do {
            try await self.withPatience { try await self.bus.waitUntilConnected() }
        } catch let error as GRIPNATSError {
            throw self.error(error, count: 0, mayHaveBeenPublished: false)
        }
        switch self.bus.publish(self.prefixed(publications)) {
        case .taken: break
        case .refused(reason: .tooLarge):
            throw GRIPPublishError(
                .itemTooLarge,
                "a publication is larger than the server of NATS takes; nothing was sent"
            )
        case .refused(reason: .full):
            let error = GRIPNATSError(
                .full,
                "as much as may wait for the server of NATS is waiting already; nothing was sent"
            )
            throw self.error(error, count: 0, mayHaveBeenPublished: false)
        case .refused:
            let error = GRIPNATSError(
                .disconnected,
                self.receiver.reason ?? "there is no connection to a server of NATS"
            )
            throw self.error(error, count: 0, mayHaveBeenPublished: false)
        }
        do {
            try await self.withPatience { try await self.bus.flush() }
        } catch let error as GRIPNATSError {
            throw self.error(error, count: 0, mayHaveBeenPublished: true)
        }
        return GRIPPublishResult(outcomes: [.init(controlURI: self.servers, accepted: publications.count)])
    }

    /// Hands publications over to be sent soon, and returns at once.
    ///
    /// - Parameter publications: What to publish; it is taken as a whole or not at all.
    /// - Returns: Whether it was taken. Without a connection it is not, unless
    ///   ``GRIPNATSConfiguration/disconnectedLimit`` has room for it.
    @discardableResult
    public func enqueue(_ publications: [GRIPPublication]) -> Bool {
        do throws(GRIPError) {
            try GRIPPublication.checkLines(publications)
        } catch {
            self.logger?.error("NATS: publications are lost: \(error)", metadata: ["count": "\(publications.count)"])
            return false
        }
        guard let refusal = self.bus.publish(self.prefixed(publications)).refusal else { return true }
        self.logger?.error(
            "NATS: publications are lost, because they were not taken",
            metadata: ["count": "\(publications.count)", "reason": "\(refusal)"]
        )
        return false
    }

    /// Returns when there is a connection.
    ///
    /// - Throws: What ``run()`` throws, when it ends before; `CancellationError` when the task is cancelled.
    public func waitUntilConnected() async throws { try await self.bus.waitUntilConnected() }

    private func prefixed(_ publications: [GRIPPublication]) -> [GRIPPublication] {
        guard let channelPrefix else { return publications }
        return publications.map { GRIPPublication($0.item, to: $0.channel.prefixed(by: channelPrefix)) }
    }

    private func error(_ error: GRIPNATSError, count: Int, mayHaveBeenPublished: Bool) -> GRIPPublishError {
        let code: GRIPPublishFailure.Code =
            switch error.code {
            case .authorization, .credentials: .authorization
            case .timeout, .full: .timeout
            default: mayHaveBeenPublished ? .noAnswer : .connection
            }
        let failure = GRIPPublishFailure(code, error.reason, mayHaveBeenPublished: mayHaveBeenPublished)
        return GRIPPublishError(
            .proxiesFailed,
            error.reason,
            result: GRIPPublishResult(outcomes: [.init(controlURI: self.servers, accepted: count, failure: failure)])
        )
    }

    /// Does something within the time there is.
    private func withPatience(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: self.patience)
                let reason = self.receiver.reason.map { ": \($0)" } ?? ""
                throw GRIPNATSError(.timeout, "no answer of a server of NATS within \(self.patience)\(reason)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
