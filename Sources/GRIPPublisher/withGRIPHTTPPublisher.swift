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
/// - Throws: What the closure throws.
/// - Returns: What the closure returns.
public func withGRIPHTTPPublisher<Result: Sendable>(
    configuration: GRIPPublisherConfiguration,
    client: HTTPClient? = nil,
    logger: Logger = Logger.current,
    _ body: (GRIPHTTPPublisher) async throws -> Result
) async throws -> Result {
    let publisher = GRIPHTTPPublisher(configuration: configuration, client: client, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await publisher.run() }
        // On either way out; the group then waits for the run to end.
        defer { publisher.beginShutdown() }
        return try await body(publisher)
    }
}
