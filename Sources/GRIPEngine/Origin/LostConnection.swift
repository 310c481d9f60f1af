package import HTTPTypes

/// How the connection of a request ended before there was a response.
package struct LostConnection: Sendable, Hashable {
    /// Whether it had served another request before, so that the origin may have been about to close it.
    package var wasUsed: Bool
    package var isResponseBegun: Bool
    /// Whether nothing of the request has reached the origin's machine.
    package var isRequestUnread: Bool

    package init(wasUsed: Bool, isResponseBegun: Bool, isRequestUnread: Bool) {
        self.wasUsed = wasUsed
        self.isResponseBegun = isResponseBegun
        self.isRequestUnread = isRequestUnread
    }

    /// Whether the request is sent again, on a connection that nobody has used.
    ///
    /// - Parameters:
    ///   - method: The method of the request.
    ///   - isWhole: Whether what was sent of the request is there to be sent again.
    package func allowsRepetition(of method: HTTPRequest.Method, isWhole: Bool) -> Bool {
        guard self.wasUsed, !self.isResponseBegun, isWhole else { return false }
        return self.isRequestUnread || method.isIdempotent
    }
}

extension HTTPRequest.Method {
    /// Whether asking twice does what asking once does (RFC 9110 section 9.2.2).
    package var isIdempotent: Bool {
        switch self {
        case .get, .head, .options, .put, .delete, .trace: true
        default: false
        }
    }
}
