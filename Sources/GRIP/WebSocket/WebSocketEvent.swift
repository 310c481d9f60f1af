public import NIOCore

/// One thing that happens on a WebSocket connection, as `application/websocket-events` writes it.
///
/// A proxy turns what a client sends into events and posts them to the origin; the origin answers with the events that
/// the proxy is to carry out. Content is bytes and every length counts bytes. The text of a text message is
/// meant to be UTF-8, but is not checked here, because a proxy passes it on unread.
public enum WebSocketEvent: Sendable, Hashable {
    /// The client asks for a connection, or the origin accepts it.
    case open
    /// A text message.
    case text(ByteBuffer)
    /// A binary message.
    case binary(ByteBuffer)
    /// A ping with its payload.
    case ping(ByteBuffer)
    /// A pong with its payload.
    case pong(ByteBuffer)
    /// The closing handshake: a code and a reason, or neither.
    case close(WebSocketClose?)
    /// The connection is gone, or is to be cut, without a closing handshake.
    case disconnect

    /// Makes a text message of a string.
    ///
    /// - Parameter text: The message.
    /// - Returns: An event with the UTF-8 bytes of the text.
    public static func text(_ text: String) -> WebSocketEvent { .text(ByteBuffer(string: text)) }

    /// How many bytes of content the event has on the wire, as `Content-Bytes-Accepted` counts them.
    public var contentByteCount: Int {
        switch self {
        case .open, .disconnect, .close(nil): 0
        case .text(let content), .binary(let content), .ping(let content), .pong(let content): content.readableBytes
        case .close(let close?): close.byteCount
        }
    }
}

/// The types of event that have a meaning, by their names on the wire.
enum WebSocketEventKind: String, Sendable {
    case open = "OPEN"
    case text = "TEXT"
    case binary = "BINARY"
    case ping = "PING"
    case pong = "PONG"
    case close = "CLOSE"
    case disconnect = "DISCONNECT"
}

extension WebSocketEventKind {
    /// The type of these letters, the last one lowest, or nothing where it has no meaning: the raw value as a number,
    /// which is compared several times faster than as a `String`.
    init?(letters: UInt128) {
        switch letters {
        case 0x4F50_454E: self = .open
        case 0x5445_5854: self = .text
        case 0x4249_4E41_5259: self = .binary
        case 0x5049_4E47: self = .ping
        case 0x504F_4E47: self = .pong
        case 0x43_4C4F_5345: self = .close
        case 0x4449_5343_4F4E_4E45_4354: self = .disconnect
        default: return nil
        }
    }
}
