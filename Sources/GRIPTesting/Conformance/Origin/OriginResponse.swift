import GRIP
import HTTPTypes
import NIOCore

/// A response of the origin, as it is put on the wire.
struct OriginResponse: Sendable {
    enum Framing: Sendable {
        /// With a `Content-Length`, but for the statuses that have none.
        case length
        /// In chunks of at most that many bytes.
        case chunked(Int)
        /// Until the connection is closed.
        case untilClose
        /// As the header lines say.
        case asIs
    }

    var status: Int
    var reason: String
    var fields: HeaderList
    var body: ByteBuffer
    var framing: Framing

    init(
        _ status: Int = 200,
        _ fields: HeaderList = [:],
        bytes: ByteBuffer,
        reason: String? = nil,
        framing: Framing = .length
    ) {
        self.status = status
        self.reason = reason ?? HTTPResponse.Status(code: status).reasonPhrase
        self.fields = fields
        self.body = bytes
        self.framing = framing
    }

    init(
        _ status: Int = 200,
        _ fields: HeaderList = [:],
        body: String = "",
        reason: String? = nil,
        framing: Framing = .length
    ) {
        self.init(status, fields, bytes: ByteBuffer(string: body), reason: reason, framing: framing)
    }

    /// Whether the connection cannot be used any more afterwards.
    var closes: Bool {
        if case .untilClose = self.framing { return true }
        return self.fields.elements("Connection").contains("close")
    }

    var bytes: ByteBuffer {
        var fields = self.fields
        var body = self.body
        switch self.framing {
        case .length:
            if self.status != 204, self.status != 304 { fields.append("Content-Length", "\(body.readableBytes)") }
        case .chunked(let size):
            fields.append("Transfer-Encoding", "chunked")
            body = Self.chunks(body, size)
        case .untilClose: fields.append("Connection", "close")
        case .asIs: break
        }
        var bytes = ByteBuffer(string: "HTTP/1.1 \(self.status) \(self.reason)\r\n\(fields.text)\r\n")
        bytes.writeImmutableBuffer(body)
        return bytes
    }

    private static func chunks(_ body: ByteBuffer, _ size: Int) -> ByteBuffer {
        var rest = body
        var chunks = ByteBuffer()
        while let chunk = rest.readSlice(length: min(size, rest.readableBytes)), chunk.readableBytes > 0 {
            chunks.writeString(String(chunk.readableBytes, radix: 16) + "\r\n")
            chunks.writeImmutableBuffer(chunk)
            chunks.writeString("\r\n")
        }
        chunks.writeString("0\r\n\r\n")
        return chunks
    }
}

extension OriginResponse {
    /// Makes the proxy hold a stream.
    static func stream(
        _ channel: String?,
        _ fields: HeaderList = [:],
        status: Int = 200,
        body: String = "[open]\n"
    ) -> OriginResponse {
        var all: HeaderList = ["Content-Type": "text/plain", "Grip-Hold": "stream"]
        if let channel { all.append("Grip-Channel", channel) }
        return OriginResponse(status, all + fields, body: body)
    }

    /// Makes the proxy hold a response.
    static func poll(
        _ channel: String?,
        _ fields: HeaderList = [:],
        status: Int = 200,
        body: String = "timeout\n"
    ) -> OriginResponse {
        var all: HeaderList = ["Content-Type": "text/plain", "Grip-Hold": "response"]
        if let channel { all.append("Grip-Channel", channel) }
        return OriginResponse(status, all + fields, body: body)
    }

    /// A page of a paged stream that holds, and that has a page after it.
    static func page(_ channel: String, next: String, timeout: Int = 60, body: String) -> OriginResponse {
        .stream(channel, ["Grip-Link": "<\(next)>; rel=next; timeout=\(timeout)"], body: body)
    }

    /// Instructs the proxy by JSON.
    static func instruct(_ json: String, _ fields: HeaderList = [:], status: Int = 200) -> OriginResponse {
        OriginResponse(status, ["Content-Type": "application/grip-instruct"] + fields, body: json)
    }

    /// Answers a WebSocket-over-HTTP request with events.
    static func events(_ events: [WebSocketEvent], _ fields: HeaderList = [:]) -> OriginResponse {
        OriginResponse(200, self.eventsType + fields, bytes: WebSocketEvent.encode(events))
    }

    /// Answers a WebSocket-over-HTTP request with a body that may not be events.
    static func rawEvents(_ body: String, _ fields: HeaderList = [:]) -> OriginResponse {
        OriginResponse(200, self.eventsType + fields, body: body)
    }

    private static let eventsType: HeaderList = ["Content-Type": "application/websocket-events"]
}
