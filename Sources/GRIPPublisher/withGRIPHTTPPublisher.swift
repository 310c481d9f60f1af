public import AsyncHTTPClient
public import Logging

/// Runs a publisher for as long as a closure takes.
///
/// When the closure returns or throws, what it enqueued is still published, within the shutdown deadline of the
/// configuration. In an application with a `ServiceGroup`, add a ``GRIPHTTPPublisher`` to that instead.
///
/// - Parameters:
///   - configuration: Where to publish, and with what patience.
///   - client: A client to use in place of the one that publishers share; it stays the caller's to shut down.
///   - logger: Where losses are logged.
///   - body: What uses the publisher.
/// - Throws: What the closure throws; `GRIPError` of code `key` when the key of a proxy cannot sign tokens.
/// - Returns: What the closure returns.
@discardableResult
public func withGRIPHTTPPublisher<Value>(
    configuration: GRIPPublisherConfiguration,
    client: HTTPClient? = nil,
    logger: Logger = Logger.current,
    _ body: (GRIPHTTPPublisher) async throws -> Value
) async throws -> Value {
    let publisher = try GRIPHTTPPublisher(configuration: configuration, client: client, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await publisher.run() }
        // An error that left the group would cancel the run, and with it what the closure enqueued before.
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(publisher)) } catch { outcome = .failure(error) }
        publisher.beginShutdown()
        try await group.waitForAll()
        return try outcome.get()
    }
}
