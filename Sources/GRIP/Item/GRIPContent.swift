public import NIOCore

/// Bytes that are text, or bytes that are not: what a body, a stream or a message consists of.
///
/// The two travel differently: text as a JSON string, bytes as Base64. A string literal is text.
public enum GRIPContent: Sendable, Hashable {
    /// Text, sent as UTF-8.
    case text(String)
    /// Any bytes.
    case binary(ByteBuffer)

    /// The content's bytes; text as UTF-8.
    public var bytes: ByteBuffer {
        switch self {
        case .text(let text): ByteBuffer(string: text)
        case .binary(let bytes): bytes
        }
    }

    /// How many bytes the content has.
    public var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.readableBytes
        }
    }
}

extension GRIPContent: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Makes content of text.
    ///
    /// - Parameter value: The text.
    public init(stringLiteral value: String) { self = .text(value) }
}
