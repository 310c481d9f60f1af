/// Where the handlers of an application run that has the proxy in it.
///
/// It is a promise about the handlers, so it is given in code and not read from a configuration.
public enum GRIPHandlerExecutor: Sendable, Hashable {
    /// The executor of the task that runs the server, which is Swift's pool with a thread for each core unless the
    /// application says otherwise.
    ///
    /// A handler that computes for long, or blocks its thread, holds up other handlers but no deliveries.
    case inherited
    /// The event loop of the client's connection.
    ///
    /// Requests then do not change threads, which makes short handlers about a fifth faster. But a handler that computes
    /// for long, or blocks its thread, holds up all clients of that event loop. For handlers that only wait by `await`.
    case eventLoop
}
