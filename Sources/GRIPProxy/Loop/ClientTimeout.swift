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
    /// Anything after a ping of the proxy.
    case pong
    /// What its system has to acknowledge.
    case dead
}

extension ClientTimeout: CustomStringConvertible {
    /// What took too long, and which setting says how long it may take.
    var description: String {
        switch self {
        case .head: "the headers of its request took longer than timeouts.requestHeadMs"
        case .body: "no more of its request's body came within timeouts.requestBodyMs"
        case .rate: "its request's body came slower than limits.requestBodyRate allows"
        case .idle: "no further request came within timeouts.keepAliveMs"
        case .write: "it took too little of what was written to it within timeouts.clientWriteMs"
        case .close: "it did not answer the close of its WebSocket within timeouts.webSocketCloseMs"
        case .pong: "it sent nothing within timeouts.webSocketPongMs after a ping"
        case .dead: "its system acknowledged nothing within timeouts.deadClientMs"
        }
    }
}
