package import NIOCore

/// What a client says.
package enum NATSClientOperation: Sendable, Hashable {
    /// Who the client is and what it wants, as JSON.
    case connect(NATSConnect)
    case publish(GRIPNATSSubject, reply: GRIPNATSSubject?, headers: ByteBuffer?, ByteBuffer)
    case subscribe(UInt64, GRIPNATSSubjectPattern)
    case unsubscribe(UInt64)
    case ping
    case pong
}

extension ByteBuffer {
    /// Writes an operation of a client.
    package mutating func writeNATS(_ operation: NATSClientOperation) {
        switch operation {
        case .connect(let connect):
            self.writeStaticString("CONNECT ")
            self.writeImmutableBuffer(connect.json)
            self.writeStaticString("\r\n")
        case .publish(let subject, let reply, let headers, let payload):
            self.writeNATSPublishLine(
                subject,
                reply: reply,
                headerByteCount: headers?.readableBytes,
                byteCount: (headers?.readableBytes ?? 0) + payload.readableBytes
            )
            if let headers { self.writeImmutableBuffer(headers) }
            self.writeImmutableBuffer(payload)
            self.writeStaticString("\r\n")
        case .subscribe(let id, let pattern):
            self.writeStaticString("SUB ")
            self.writeString(pattern.text)
            self.writeInteger(UInt8(ascii: " "))
            self.writeDecimal(id)
            self.writeStaticString("\r\n")
        case .unsubscribe(let id):
            self.writeStaticString("UNSUB ")
            self.writeDecimal(id)
            self.writeStaticString("\r\n")
        case .ping: self.writeStaticString("PING\r\n")
        case .pong: self.writeStaticString("PONG\r\n")
        }
    }

    /// Writes the first line of a publish.
    ///
    /// - Parameters:
    ///   - subject: The subject.
    ///   - reply: Where the answer is to go.
    ///   - headerByteCount: The bytes of the headers, or `nil` where there are none.
    ///   - byteCount: The bytes of the headers and of the payload.
    package mutating func writeNATSPublishLine(
        _ subject: GRIPNATSSubject,
        reply: GRIPNATSSubject?,
        headerByteCount: Int?,
        byteCount: Int
    ) {
        if headerByteCount == nil { self.writeStaticString("PUB ") } else { self.writeStaticString("HPUB ") }
        self.writeString(subject.text)
        self.writeInteger(UInt8(ascii: " "))
        if let reply {
            self.writeString(reply.text)
            self.writeInteger(UInt8(ascii: " "))
        }
        if let headerByteCount {
            self.writeDecimal(UInt64(headerByteCount))
            self.writeInteger(UInt8(ascii: " "))
        }
        self.writeDecimal(UInt64(byteCount))
        self.writeStaticString("\r\n")
    }

    /// Writes a number without making a text of it.
    private mutating func writeDecimal(_ value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            self.writeInteger(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
