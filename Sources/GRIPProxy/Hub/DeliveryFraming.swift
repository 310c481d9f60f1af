import GRIP
import GRIPEngine
import NIOCore

extension Delivery.Framing {
    /// Writes items as the wire protocols do, once for all clients.
    static let wire = Delivery.Framing(chunk: Self.chunk, frame: Self.frame)

    /// A chunk of HTTP/1.1 (RFC 9112 section 7.1), which cannot be empty.
    private static func chunk(_ content: GRIPContent) -> Delivery.FramedContent? {
        let count = content.byteCount
        guard count > 0 else { return nil }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count + 20)
        buffer.writeChunkHead(byteCount: count)
        let start = buffer.writerIndex
        buffer.writeContent(content)
        buffer.writeStaticString("\r\n")
        return Delivery.FramedContent(buffer, content: start..<(start + count))
    }

    /// An unmasked frame that is a whole message.
    private static func frame(
        _ type: GRIPWebSocketMessage.MessageType,
        _ content: GRIPContent
    ) -> Delivery.FramedContent? {
        let count = content.byteCount
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count + 10)
        buffer.writeFrameHead(type.opcode, isFinal: true, byteCount: count)
        let start = buffer.writerIndex
        buffer.writeContent(content)
        return Delivery.FramedContent(buffer, content: start..<(start + count))
    }
}

extension ByteBuffer {
    fileprivate mutating func writeContent(_ content: GRIPContent) {
        switch content {
        case .text(let text): self.writeString(text)
        case .binary(let bytes): self.writeImmutableBuffer(bytes)
        }
    }

    /// The beginning of a frame (RFC 6455 section 5.2), up to the key of a masked one.
    mutating func writeFrameHead(_ opcode: UInt8, isFinal: Bool, isMasked: Bool = false, byteCount: Int) {
        self.writeInteger(opcode | (isFinal ? 0x80 : 0))
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch byteCount {
        case ..<126: self.writeInteger(mask | UInt8(byteCount))
        case ..<65536:
            self.writeInteger(mask | 126)
            self.writeInteger(UInt16(byteCount))
        default:
            self.writeInteger(mask | 127)
            self.writeInteger(UInt64(byteCount))
        }
    }
}
