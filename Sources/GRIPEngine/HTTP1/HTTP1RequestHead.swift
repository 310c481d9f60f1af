import GRIP
package import HTTPTypes
import NIOCore

/// The head of a request as it was sent (RFC 9112), with what it says about the message and the connection.
package struct HTTP1RequestHead: Sendable, Hashable {
    package let method: HTTPRequest.Method
    /// The target as the client wrote it.
    package let target: String
    /// Whether the client speaks HTTP/1.0.
    package let isHTTP10: Bool
    /// All fields; a length that was said several times stands there once.
    package let fields: HTTPFields
    package let bodyLength: BodyLength
    /// Whether another request may follow on the connection.
    package let keepsAlive: Bool
    /// What the client wants to speak instead of HTTP, so that something else may follow.
    package let upgrade: HTTP1Upgrade?
    /// Whether the client waits for leave to send the body.
    package let expectsContinue: Bool

    /// Makes a head out of the first line and the fields.
    init(_ line: HTTP1RequestLine, _ fields: HTTPFields) throws(HTTP1Problem) {
        self.bodyLength = try BodyLength(of: fields)
        // No version before 1.1 knows of codings (RFC 9112 section 6.1).
        guard !line.isHTTP10 || self.bodyLength != .untilEnd else { throw .contradictoryLength }
        var fields = fields
        if case .known(let length) = self.bodyLength { fields.joinContentLength(length) }
        self.method = line.method
        self.target = line.target
        self.isHTTP10 = line.isHTTP10
        self.fields = fields
        self.keepsAlive = fields.keepsAlive(isHTTP10: line.isHTTP10)
        self.upgrade = line.isHTTP10 ? nil : HTTP1Upgrade(fields)
        self.expectsContinue = !line.isHTTP10 && fields.has("100-continue", in: .expect)
    }
}

/// A protocol that a client wants to speak after a request (RFC 9110 section 7.8).
package enum HTTP1Upgrade: Sendable, Hashable {
    case webSocket
    /// One that nobody here speaks.
    case other

    init?(_ fields: HTTPFields) {
        guard fields.contains(.upgrade), fields.has("upgrade", in: .connection) else { return nil }
        self = fields.has("websocket", in: .upgrade) ? .webSocket : .other
    }
}

/// The first line of a request.
struct HTTP1RequestLine: Sendable, Hashable {
    let method: HTTPRequest.Method
    let target: String
    let isHTTP10: Bool

    /// Reads `METHOD TARGET HTTP/1.x`, with one space between the parts.
    init(_ line: ByteBuffer) throws(HTTP1Problem) {
        let bytes = line.readableBytesUInt8Span
        var index = 0
        while index < bytes.count, bytes[index] != .space { index += 1 }
        let end = index
        // Any token is a method (RFC 9110 section 9.1).
        guard let method = HTTPRequest.Method(PlainHead.text(0..<end, bytes)) else { throw .startLine }
        index = min(end + 1, bytes.count)
        let start = index
        // Only characters of a URI may stand here (RFC 3986).
        while index < bytes.count, (0x21...0x7E).contains(bytes[index]) { index += 1 }
        guard start < index, index < bytes.count, bytes[index] == .space else { throw .startLine }
        let version = (index + 1)..<bytes.count
        self.method = method
        self.target = PlainHead.text(start..<index, bytes)
        self.isHTTP10 = try HTTP1Version.isHTTP10(version, bytes)
    }
}

/// The version that the first line of a message has.
enum HTTP1Version {
    /// Whether it is HTTP/1.0, and not a later version of HTTP/1.
    static func isHTTP10(_ range: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Problem) -> Bool {
        var index = range.lowerBound
        guard range.count == 8, PlainHead.skip("HTTP/", bytes, &index), bytes[index].isDigit,
            bytes[index + 1] == UInt8(ascii: "."), bytes[index + 2].isDigit
        else { throw .startLine }
        guard bytes[index] == UInt8(ascii: "1") else { throw .version(PlainHead.text(range, bytes)) }
        return bytes[index + 2] == UInt8(ascii: "0")
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension HTTPFields {
    /// Whether `Connection` lets another message follow (RFC 9112 section 9.3).
    func keepsAlive(isHTTP10: Bool) -> Bool {
        guard !self.has("close", in: .connection) else { return false }
        return !isHTTP10 || self.has("keep-alive", in: .connection)
    }
}
