import GRIP
import GRIPNATS
import GRIPPublisher
import Logging
import ServiceLifecycle
import Synchronization

/// Publishes to all instances through their bus, from a process in which no proxy runs.
///
/// It connects when something is published first, so that the processes of servers, which have a bus of their own, have no
/// connection for it.
final class BusPublisher: GRIPPublishing, Service {
    private struct Connection {
        let publisher: GRIPNATSPublisher
        let task: Task<Void, Never>
    }

    private struct State {
        var connection: Connection?
        var lastID = 0
    }

    private let configuration: GRIPBusConfiguration
    private let prefix: GRIPPrefix
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a publisher.
    ///
    /// - Throws: `GRIPBusConfigurationError` when a setting cannot be used.
    init(
        _ configuration: GRIPBusConfiguration,
        prefix: GRIPPrefix,
        logger: Logger
    ) throws(GRIPBusConfigurationError) {
        try configuration.check()
        self.configuration = configuration
        self.prefix = prefix
        self.logger = logger
    }

    deinit { self.state.withLock { $0.connection?.task.cancel() } }

    // MARK: Publishing

    @discardableResult
    func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try await self.connected().publish(publications)
    }

    @discardableResult
    func enqueue(_ publications: [GRIPPublication]) -> Bool {
        do {
            return try self.connected().enqueue(publications)
        } catch {
            self.logger.error("publications are lost: \(error)", metadata: ["count": "\(publications.count)"])
            return false
        }
    }

    // MARK: Life

    /// Waits for the end of the service, and sends what is enqueued.
    func run() async throws {
        try await gracefulShutdown()
        let task = self.state.withLock { state in
            defer { state.connection = nil }
            return state.connection?.task
        }
        task?.cancel()
        await task?.value
    }

    /// The publisher, which connects or is connected.
    private func connected() throws -> GRIPNATSPublisher {
        try self.state.withLock { state in
            if let connection = state.connection { return connection.publisher }
            let publisher = try self.configuration.makePublisher(channelPrefix: self.prefix, logger: self.logger)
            state.lastID += 1
            let id = state.lastID
            // The connection must not end with the task that publishes first.
            let task = Task { [weak self] in
                // Those who wait for the connection are told why there is none.
                do { try await publisher.run() } catch {}
                self?.forget(id)
            }
            state.connection = Connection(publisher: publisher, task: task)
            return publisher
        }
    }

    /// Makes room for another attempt, where servers have refused the credentials for good.
    private func forget(_ id: Int) {
        self.state.withLock { state in if state.lastID == id { state.connection = nil } }
    }
}
