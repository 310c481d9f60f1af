/// The status code with which a WebSocket connection is closed (RFC 6455 §7.4).
///
/// Any number can arrive; only some may be sent, which ``isSendable`` tells. An integer literal makes a code as
/// ``init(rawValue:)`` does, and whatever sends a code checks it.
public struct WebSocketCloseCode: RawRepresentable, Sendable, Hashable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Makes a code of any number, as it may arrive.
    ///
    /// - Parameter rawValue: The number on the wire.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Makes a code that an application may send.
    ///
    /// - Parameter code: 1000 to 1003, 1007 to 1014, or 3000 to 4999.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` for any other number: the rest is unassigned, or
    ///   must never be sent, and clients fail the connection when it is.
    public init(_ code: Int) throws(GRIPError) {
        guard let rawValue = UInt16(exactly: code), Self(rawValue: rawValue).isSendable else {
            throw Self.notSendable(code)
        }
        self.init(rawValue: rawValue)
    }

    /// Whether an application may send the code.
    public var isSendable: Bool {
        switch self.rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    static func notSendable(_ code: Int) -> GRIPError {
        GRIPError(
            .webSocketMessage,
            "close code \(code) must not be sent; use 1000 to 1003, 1007 to 1014, or 3000 to 4999"
        )
    }

    /// The purpose of the connection is fulfilled.
    public static let normalClosure = WebSocketCloseCode(rawValue: 1000)
    /// The server shuts down, or the client leaves the page.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The other side broke the protocol.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// The other side sent a kind of data that is not accepted.
    public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// The data does not fit its kind, as text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// The other side did what it may not do.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// A message is too long.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// The server did not negotiate an extension that the client needs.
    public static let mandatoryExtension = WebSocketCloseCode(rawValue: 1010)
    /// The server met a condition that it did not expect.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)
    /// The server restarts; the client may come back soon.
    public static let serviceRestart = WebSocketCloseCode(rawValue: 1012)
    /// The server is overloaded; the client may come back later.
    public static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)
    /// A server on the way got no valid answer from the one behind it.
    public static let badGateway = WebSocketCloseCode(rawValue: 1014)
}

extension WebSocketCloseCode: ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Makes a code of a number written in the source code.
    ///
    /// - Parameter value: The number on the wire.
    public init(integerLiteral value: UInt16) { self.init(rawValue: value) }

    /// The number.
    public var description: String { String(self.rawValue) }
}
