import GRIP
package import HTTPTypes
import NIOCore

/// The head of a response as an origin sent it (RFC 9112), with what it says about the message and the connection.
package struct HTTP1StatusHead: Sendable, Hashable {
    /// The response; a length that was said several times stands there once.
    package let head: HTTPResponse
    package let length: HTTP1ResponseLength
    /// Whether another request may follow on the connection.
    package let keepsAlive: Bool

    /// Makes a head out of the first line and the fields.
    ///
    /// - Parameters:
    ///   - line: The first line.
    ///   - fields: The fields.
    ///   - method: The method of the request that it answers.
    init(_ line: HTTP1StatusLine, _ fields: HTTPFields, answering method: HTTPRequest.Method) throws(HTTP1Problem) {
        var fields = fields
        if method == .head || !line.status.allowsBody {
            self.length = .none
        } else {
            switch try BodyLength(of: fields) {
            case .known(let length): self.length = .known(length)
            case .untilEnd: self.length = .chunked
            case .none: self.length = .untilClose
            }
        }
        do throws(HTTP1Problem) {
            fields.joinContentLength(try BodyLength.length(of: fields))
        } catch {
            // Nobody would go by it: there is no body. Without it the client is told no nonsense.
            fields[.contentLength] = nil
        }
        self.head = HTTPResponse(status: line.status, headerFields: fields)
        // Codings of a peer that does not know them leave doubts about where the message ends (RFC 9112 section 6.1).
        let isDoubtful = line.isHTTP10 && fields.contains(.transferEncoding)
        self.keepsAlive =
            self.length != .untilClose && !isDoubtful && fields.keepsAlive(isHTTP10: line.isHTTP10)
    }
}

/// How long the body of an origin's response is.
package enum HTTP1ResponseLength: Sendable, Hashable {
    case none
    case known(Int)
    case chunked
    /// The end of the connection is the end of the body.
    case untilClose
}

/// The first line of a response.
struct HTTP1StatusLine: Sendable, Hashable {
    /// Longer phrases are left out.
    private static let longestPhrase = 1024

    let status: HTTPResponse.Status
    let isHTTP10: Bool

    /// Whether another response follows; a change of the protocol is the last one.
    var isInterim: Bool { !self.status.isFinal && self.status != .switchingProtocols }

    /// Reads `HTTP/1.x CODE PHRASE`; the space before a phrase that is empty may be missing.
    init(_ line: ByteBuffer) throws(HTTP1Problem) {
        let bytes = line.readableBytesUInt8Span
        guard bytes.count >= 12, bytes[8] == .space else { throw .startLine }
        self.isHTTP10 = try HTTP1Version.isHTTP10(0..<8, bytes)
        guard let code = PlainHead.number(9..<12, bytes), code >= 100 else { throw .startLine }
        guard bytes.count == 12 || bytes[12] == .space else { throw .startLine }
        let status = HTTPResponse.Status(code: code)
        let phrase = line.viewBytes(at: line.readerIndex + min(13, bytes.count), length: max(0, bytes.count - 13))
        // A phrase is bytes of Latin-1 or UTF-8; the usual one stands for what is neither.
        guard bytes.count > 12, let phrase, phrase.count <= Self.longestPhrase,
            let text = String(validating: phrase, as: UTF8.self)
        else {
            self.status = status.withReason
            return
        }
        self.status = HTTPResponse.Status(code: code, reasonPhrase: text)
    }
}
