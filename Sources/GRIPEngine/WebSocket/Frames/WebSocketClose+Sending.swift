package import GRIP

extension WebSocketClose {
    /// What a client gets where an origin or a publisher names no code.
    static let normal = WebSocketClose(unchecked: .normalClosure)

    /// The same close as it can be put into a frame.
    ///
    /// Without a code it is 1000. A code that must not be sent, for which clients would fail the connection, becomes 1011;
    /// 1005 means that there is none. A reason that is too long is cut between two characters.
    ///
    /// - Parameter close: What an origin or a publisher wants to be sent.
    package static func sendable(_ close: WebSocketClose?) -> WebSocketClose {
        guard let close else { return .normal }
        let code: WebSocketCloseCode
        switch close.code {
        case 1005: code = .normalClosure
        case let other: code = other.isSendable ? other : .internalError
        }
        return WebSocketClose(unchecked: code, reason: Self.shortened(close.reason))
    }

    private static func shortened(_ reason: String) -> String {
        guard reason.utf8.count > Self.maximumReasonByteCount else { return reason }
        var byteCount = 0
        let scalars = reason.unicodeScalars.prefix { scalar in
            byteCount += UTF8.width(scalar)
            return byteCount <= Self.maximumReasonByteCount
        }
        return String(scalars)
    }
}
