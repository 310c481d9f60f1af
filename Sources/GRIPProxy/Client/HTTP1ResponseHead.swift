import GRIPEngine
import HTTPTypes
import NIOCore

/// The head of a response as HTTP/1.1 writes it.
///
/// NIO's encoder decides about framing by itself and does not know what the request was: it would end a response to
/// `HEAD` with a chunk and send chunks to clients of HTTP/1.0.
struct HTTP1ResponseHead {
    var head: HTTPResponse
    var framing: HTTP1Framing
    /// What `Connection` says, or nothing to leave it out.
    var connection: String?

    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(self.head.status.code))
        buffer.writeInteger(UInt8(ascii: " "))
        buffer.writeString(self.head.status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        for field in self.head.headerFields { buffer.writeField(field) }
        if let connection {
            buffer.writeStaticString("Connection: ")
            buffer.writeString(connection)
            buffer.writeStaticString("\r\n")
        }
        switch self.framing {
        case .length(let count):
            buffer.writeStaticString("Content-Length: ")
            buffer.writeString(String(count))
            buffer.writeStaticString("\r\n")
        case .chunked: buffer.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .untilClose, .none: break
        }
        buffer.writeStaticString("\r\n")
    }
}

/// How a client of HTTP/1.1 or HTTP/1.0 knows where a body ends.
enum HTTP1Framing: Equatable {
    /// There is no body.
    case none
    case length(Int)
    case chunked
    case untilClose
}

extension ByteBuffer {
    /// The last chunk and the trailers.
    mutating func writeLastChunk(_ trailers: PassedTrailers?) {
        self.writeStaticString("0\r\n")
        for field in trailers?.fields ?? [:] { self.writeField(field) }
        self.writeStaticString("\r\n")
    }

    /// The line before the bytes of a chunk.
    mutating func writeChunkHead(byteCount: Int) {
        // Text of the number would be made and thrown away for each item.
        var shift = max(0, (Int.bitWidth - 1 - byteCount.leadingZeroBitCount) / 4 * 4)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: byteCount >> shift & 0xF)
            self.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            shift -= 4
        }
        self.writeStaticString("\r\n")
    }
}
