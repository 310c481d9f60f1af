public import NIOCore

/// Writes `application/websocket-events`.
///
/// Lengths are lower-case hexadecimal. An event without content, or with empty content, is its type alone.
public struct WebSocketEventEncoder: Sendable {
    /// Makes an encoder.
    public init() {}

    /// Appends one event to a buffer.
    ///
    /// - Parameters:
    ///   - event: What to write.
    ///   - buffer: Where to write it; grows as needed.
    public func encode(_ event: WebSocketEvent, into buffer: inout ByteBuffer) {
        switch event {
        case .open: buffer.writeEvent(.open)
        case .text(let content): buffer.writeEvent(.text, content: content)
        case .binary(let content): buffer.writeEvent(.binary, content: content)
        case .ping(let content): buffer.writeEvent(.ping, content: content)
        case .pong(let content): buffer.writeEvent(.pong, content: content)
        case .close(nil): buffer.writeEvent(.close)
        case .close(let close?):
            buffer.writeEventLine(.close, contentByteCount: close.byteCount)
            buffer.writeInteger(close.code.rawValue)
            buffer.writeString(close.reason)
            buffer.writeLineEnd()
        case .disconnect: buffer.writeEvent(.disconnect)
        }
    }
}

extension WebSocketEvent {
    /// Writes events as one body.
    ///
    /// - Parameter events: What to write, in order.
    /// - Returns: The body of a request or a response.
    public static func encode(_ events: some Sequence<WebSocketEvent>) -> ByteBuffer {
        var buffer = ByteBuffer()
        let encoder = WebSocketEventEncoder()
        for event in events { encoder.encode(event, into: &buffer) }
        return buffer
    }
}

extension ByteBuffer {
    mutating func writeEvent(_ kind: WebSocketEventKind) {
        self.writeString(kind.rawValue)
        self.writeLineEnd()
    }

    /// Writes an event whose content begins with a prefix, without putting the two together first.
    mutating func writeEvent(_ kind: WebSocketEventKind, prefix: String = "", content: ByteBuffer) {
        let count = prefix.utf8.count + content.readableBytes
        guard count > 0 else { return self.writeEvent(kind) }
        self.writeEventLine(kind, contentByteCount: count)
        self.writeString(prefix)
        self.writeImmutableBuffer(content)
        self.writeLineEnd()
    }

    mutating func writeEvent(_ kind: WebSocketEventKind, prefix: String, text: String) {
        let count = prefix.utf8.count + text.utf8.count
        guard count > 0 else { return self.writeEvent(kind) }
        self.writeEventLine(kind, contentByteCount: count)
        self.writeString(prefix)
        self.writeString(text)
        self.writeLineEnd()
    }

    fileprivate mutating func writeEventLine(_ kind: WebSocketEventKind, contentByteCount: Int) {
        self.writeString(kind.rawValue)
        self.writeInteger(UInt8.space)
        // At most 15 digits, which a String holds without allocating.
        self.writeString(String(contentByteCount, radix: 16))
        self.writeLineEnd()
    }

    fileprivate mutating func writeLineEnd() { self.writeStaticString("\r\n") }
}
