public import GRIP
public import Logging

extension GRIPOrigin {
    /// Has a handler deal with a batch of WebSocket events, and makes the answer.
    ///
    /// A handler that throws ends its WebSocket with 1011, which clients can tell from a lost network; what it had sent
    /// until then is dropped. A connection that is only opening has no WebSocket to end: the error is thrown on, for the
    /// framework to answer with. Either way it is logged at level `error`, with the path and the connection's id.
    ///
    /// - Parameters:
    ///   - session: The session; see ``webSocketSession(fields:body:messagePrefix:state:)``.
    ///   - path: The path of the request, without its query, for the log.
    ///   - logger: Where failures are logged, in place of the origin's logger.
    ///   - isRefusal: Whether an error is a handler's way to refuse a connection that opens, as by status 401, which is
    ///     not logged.
    ///   - handler: What deals with the batch.
    /// - Throws: What the handler throws, and what is wrong with its answer, while the connection opens.
    /// - Returns: The answer.
    public func webSocketResponse(
        of session: WebSocketSession,
        path: String,
        logger: Logger? = nil,
        isRefusal: (any Error) -> Bool = { $0 is GRIPRefusal },
        handler: (inout WebSocketSession) async throws -> Void
    ) async throws -> WebSocketSession.Response {
        var session = session
        self.checkChannels(of: session, path: path, logger: logger ?? self.logger)
        do {
            try await handler(&session)
            return try session.makeResponse()
        } catch {
            let isRefused = session.isOpening && isRefusal(error)
            if !isRefused {
                (logger ?? self.logger).error(
                    session.isOpening
                        ? "a WebSocket handler has failed, and the connection is refused"
                        : "a WebSocket handler has failed, and the connection is closed with 1011",
                    metadata: [
                        "grip.path": "\(path)", "grip.connection": "\(session.id)", "grip.error": "\(error)",
                    ]
                )
            }
            guard !session.isOpening else { throw error }
            return session.makeFailureResponse()
        }
    }
}
