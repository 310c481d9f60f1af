public import GRIP
public import Logging

/// Runs a publisher for as long as a closure takes.
///
/// When the closure returns or throws, what it enqueued is still sent, for a second at most.
///
/// - Parameters:
///   - configuration: Where the servers are, and how a connection to them is kept.
///   - prefix: What the subjects begin with, as for the ``GRIPNATSBus`` of the instances.
///   - channelPrefix: What the names of all channels begin with, where the instances' routes add one.
///   - logger: Where it is said when the connection is made or lost.
///   - body: What uses the publisher; it is called when there is a connection.
/// - Throws: What the closure throws; ``GRIPNATSError`` when there can be no connection.
/// - Returns: What the closure returns.
@discardableResult
public func withGRIPNATSPublisher<Value>(
    _ configuration: GRIPNATSConfiguration,
    prefix: GRIPNATSSubject = "grip",
    channelPrefix: GRIPPrefix? = nil,
    logger: Logger? = nil,
    _ body: (GRIPNATSPublisher) async throws -> Value
) async throws -> Value {
    let publisher = try GRIPNATSPublisher(configuration, prefix: prefix, channelPrefix: channelPrefix, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await publisher.run() }
        let outcome: Result<Value, any Error>
        do {
            try await publisher.waitUntilConnected()
            outcome = .success(try await body(publisher))
        } catch {
            outcome = .failure(error)
        }
        group.cancelAll()
        // What the closure threw says more than what the connection had to say about its end.
        do { try await group.waitForAll() } catch { _ = try outcome.get() }
        return try outcome.get()
    }
}
