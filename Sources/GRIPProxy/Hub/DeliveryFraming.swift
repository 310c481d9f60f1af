import GRIP
import GRIPEngine
import NIOCore

/// Writes items as the wire protocols do, once for all clients.
enum DeliveryFraming {
    static func frame(
        stream: ByteBuffer?,
        message: (GRIPWebSocketMessage.MessageType, ByteBuffer)?
    ) -> Delivery.Framed {
        Delivery.Framed(
            chunk: stream.flatMap { $0.readableBytes > 0 ? Self.chunk($0) : nil },
            frame: message.map { Self.frame($0.0.opcode, $0.1) }
        )
    }

    /// A chunk of HTTP/1.1 (RFC 9112 section 7.1).
    static func chunk(_ content: ByteBuffer) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(content.readableBytes + 20)
        buffer.writeChunkHead(byteCount: content.readableBytes)
        buffer.writeImmutableBuffer(content)
        buffer.writeStaticString("\r\n")
        return buffer
    }

    /// An unmasked frame that is a whole message (RFC 6455 section 5.2).
    static func frame(_ opcode: UInt8, isFinal: Bool = true, _ payload: ByteBuffer) -> ByteBuffer {
        let count = payload.readableBytes
        var buffer = ByteBuffer()
        buffer.reserveCapacity(count + 10)
        buffer.writeInteger(opcode | (isFinal ? 0x80 : 0))
        switch count {
        case ..<126: buffer.writeInteger(UInt8(count))
        case ..<65536:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(count))
        }
        buffer.writeImmutableBuffer(payload)
        return buffer
    }
}
