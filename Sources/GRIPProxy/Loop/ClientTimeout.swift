/// What a client took too long for.
enum ClientTimeout: String, Sendable, CaseIterable {
    /// The head of a request.
    case head
    /// The body of a request.
    case body
    /// Another request.
    case idle
    /// Taking what is written to it.
    case write
    /// The end of a WebSocket.
    case close
}
