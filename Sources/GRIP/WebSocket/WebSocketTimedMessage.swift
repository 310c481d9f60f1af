public import NIOCore

/// A message that a proxy sends on its own, later or repeatedly.
///
/// It reaches the client as it is: no message prefix, no filters.
public enum WebSocketTimedMessage: Sendable, Hashable {
    /// A text message.
    case text(String)
    /// A binary message.
    case binary(ByteBuffer)
    /// A ping with at most 125 bytes of payload.
    case ping(ByteBuffer)
    /// A pong with at most 125 bytes of payload.
    case pong(ByteBuffer)

    /// The payload that a ping or pong frame holds, in bytes.
    static let maximumControlPayload = 125

    func validate() throws(GRIPError) {
        switch self {
        case .text, .binary: return
        case .ping(let payload), .pong(let payload):
            guard payload.readableBytes <= Self.maximumControlPayload else {
                throw GRIPError(
                    .webSocketMessage,
                    "the payload of a ping or pong has at most \(Self.maximumControlPayload) bytes"
                )
            }
        }
    }
}

/// A message that a proxy sends whenever a connection is idle, or at intervals.
public struct WebSocketKeepAlive: Sendable, Hashable {
    /// When the message is sent; a proxy takes modes that it does not know for ``idle``.
    public enum Mode: String, Sendable, Hashable {
        /// After nothing was sent for the time.
        case idle
        /// Whenever the time has passed, whatever else was sent.
        case interval
    }

    /// What proxies use where no time is given.
    public static let defaultTimeout: Duration = .seconds(55)

    /// What is sent.
    public let message: WebSocketTimedMessage
    /// The time between two messages, in whole seconds.
    public let timeout: Duration
    /// When the message is sent.
    public let mode: Mode

    /// Makes a keep-alive.
    ///
    /// - Parameters:
    ///   - message: What is sent.
    ///   - timeout: The time between two messages. Rounded up to whole seconds, at least one and at most
    ///     2,147,483,647.
    ///   - mode: When the message is sent.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the payload of a ping or pong is too long.
    public init(
        _ message: WebSocketTimedMessage,
        timeout: Duration = Self.defaultTimeout,
        mode: Mode = .idle
    ) throws(GRIPError) {
        try message.validate()
        self.message = message
        self.timeout = .seconds(max(1, timeout.wholeSeconds))
        self.mode = mode
    }
}

/// A message that a proxy sends once, after a time.
///
/// A connection has one such message at most: another one makes the proxy send the one before at once.
public struct WebSocketDelayedMessage: Sendable, Hashable {
    /// What proxies use where no time is given.
    public static let defaultTimeout: Duration = .seconds(1)

    /// What is sent.
    public let message: WebSocketTimedMessage
    /// How long the proxy waits, in whole seconds.
    public let timeout: Duration

    /// Makes a delayed message.
    ///
    /// - Parameters:
    ///   - message: What is sent.
    ///   - timeout: How long the proxy waits. Rounded up to whole seconds, at least one and at most 2,147,483,647.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the payload of a ping or pong is too long.
    public init(_ message: WebSocketTimedMessage, timeout: Duration = Self.defaultTimeout) throws(GRIPError) {
        try message.validate()
        self.message = message
        self.timeout = .seconds(max(1, timeout.wholeSeconds))
    }
}
