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
            buffer.writeEvent(.close, contentByteCount: close.byteCount) { target in
                target.append(UInt8(close.code.rawValue >> 8))
                target.append(UInt8(close.code.rawValue & 0xFF))
                target.append(close.reason)
            }
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
        // An array costs nothing where it is one already, and less than an unknown sequence where it is not.
        let events = Array(events)
        let byteCount = events.reduce(0) { $0 + $1.contentByteCount + ByteBuffer.maximumEventOverhead }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(byteCount)
        let encoder = WebSocketEventEncoder()
        for event in events { encoder.encode(event, into: &buffer) }
        return buffer
    }
}

extension ByteBuffer {
    /// What an event has besides its content: a type of at most 10 letters, a blank, a length of at most 16 digits and
    /// two line ends.
    fileprivate static let maximumEventOverhead = 10 + 1 + 16 + 4

    mutating func writeEvent(_ kind: WebSocketEventKind) {
        self.writeString(kind.rawValue)
        self.writeStaticString("\r\n")
    }

    /// Writes an event whose content begins with a prefix, without putting the two together first.
    mutating func writeEvent(_ kind: WebSocketEventKind, prefix: String = "", content: ByteBuffer) {
        self.writeEvent(kind, contentByteCount: prefix.utf8.count + content.readableBytes) { target in
            target.append(prefix)
            content.withUnsafeReadableBytes { target.append($0) }
        }
    }

    mutating func writeEvent(_ kind: WebSocketEventKind, prefix: String, text: String) {
        self.writeEvent(kind, contentByteCount: prefix.utf8.count + text.utf8.count) { target in
            target.append(prefix)
            target.append(text)
        }
    }

    /// Writes a whole event in one go: each write to a buffer has its price, and most events are short.
    fileprivate mutating func writeEvent(
        _ kind: WebSocketEventKind,
        contentByteCount: Int,
        content: (inout EventMemory) -> Void
    ) {
        guard contentByteCount > 0 else { return self.writeEvent(kind) }
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: contentByteCount + Self.maximumEventOverhead) { bytes in
            var target = EventMemory(bytes: bytes)
            target.append(kind.rawValue)
            target.append(.space)
            target.appendHexadecimal(contentByteCount)
            target.appendLineEnd()
            content(&target)
            target.appendLineEnd()
            return target.byteCount
        }
    }
}

/// Memory that is filled from its beginning, and that is large enough.
private struct EventMemory {
    let bytes: UnsafeMutableRawBufferPointer
    private(set) var byteCount = 0

    init(bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    mutating func append(_ byte: UInt8) {
        self.bytes[self.byteCount] = byte
        self.byteCount += 1
    }

    mutating func append(_ other: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: self.bytes[self.byteCount...]).copyMemory(from: other)
        self.byteCount += other.count
    }

    mutating func append(_ text: String) {
        guard !text.isEmpty else { return }
        var text = text
        text.withUTF8 { self.append(UnsafeRawBufferPointer($0)) }
    }

    mutating func appendHexadecimal(_ value: Int) {
        var shift = (Int.bitWidth - 1 - value.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> shift) & 0xF
            self.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }

    mutating func appendLineEnd() {
        self.append(.carriageReturn)
        self.append(.newline)
    }
}
