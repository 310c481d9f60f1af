import NIOCore
import NIOHTTPTypes

/// The application in the same process: whoever runs it takes the connections that event loops make.
///
/// Its tasks are those of the server, so that cancellation, graceful shutdown and task-local values reach handlers as
/// they do without a proxy.
final class InProcessApplication: Sendable {
    typealias Serve = @Sendable (NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>) async -> Void

    private let channels: AsyncStream<InMemoryChannel>
    private let continuation: AsyncStream<InMemoryChannel>.Continuation

    init() { (self.channels, self.continuation) = AsyncStream.makeStream() }

    /// Hands a connection over.
    ///
    /// - Returns: False when the application has ended.
    func take(_ channel: InMemoryChannel) -> Bool {
        if case .terminated = self.continuation.yield(channel) { false } else { true }
    }

    /// Serves connections until ``end()``, each in a task of the group.
    func run(
        in group: inout DiscardingTaskGroup,
        on executor: GRIPHandlerExecutor,
        _ serve: @escaping Serve
    ) async {
        for await channel in self.channels {
            let preference: EventLoopTaskExecutor? =
                switch executor {
                case .inherited: nil
                case .eventLoop: EventLoopTaskExecutor(channel.eventLoop)
                }
            group.addTask(executorPreference: preference) {
                do {
                    let wrapped = try await channel.eventLoop.submit { try channel.open() }.get()
                    await serve(wrapped)
                } catch {
                    // The client has left before the application took the connection.
                }
            }
        }
    }

    /// Takes no more connections.
    func end() { self.continuation.finish() }
}
