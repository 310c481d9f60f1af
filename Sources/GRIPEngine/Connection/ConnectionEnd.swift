package import GRIP

/// Why a request, a hold or a WebSocket of a client is over.
///
/// The caller that ends it says why. The first reason counts.
package enum ConnectionEnd: String, Sendable, Hashable, CaseIterable {
    /// The response was sent as a whole, or the WebSocket was closed by both sides.
    case complete
    /// The client was gone first.
    case clientGone = "client-gone"
    /// The client was too slow or did nothing.
    case clientTimedOut = "client-timed-out"
    /// The client did not read what was written to it.
    case overflow
    /// The origin failed in the middle of a response, or of a WebSocket.
    case originFailed = "origin-failed"
    /// The proxy refused the request: it was not valid, or no route was for it.
    case refused
    /// The proxy shut down.
    case shutDown = "shut-down"
    /// The connection was as old as it may become.
    case aged
    /// Somebody ended the connection with the control API.
    case ended
    /// Somebody removed the client from a channel.
    case kicked
}

extension ConnectionEnd {
    /// What a WebSocket is closed with that is ended from this side.
    package var webSocketClose: WebSocketClose {
        self == .kicked
            ? WebSocketClose(unchecked: .policyViolation, reason: "kicked") : WebSocketClose(unchecked: .goingAway)
    }
}
