/// What a client took too long for.
enum ClientTimeout: String, Sendable, CaseIterable {
    /// The head of a request.
    case head
    /// The body of a request.
    case body
    /// The body of a request, of which so little came.
    case rate
    /// Another request.
    case idle
    /// Taking what is written to it.
    case write
    /// The end of a WebSocket.
    case close
}
