import HTTPTypes

/// Why bytes are not a message of HTTP/1 (RFC 9112) that can be read.
package enum HTTP1Problem: Error, Sendable, Hashable {
    /// A head, or the trailers behind a body, have too many bytes.
    case tooLong
    case tooManyFields
    case tooManyEmptyLines
    /// A line feed without a carriage return before it, or the other way round.
    case lineEnd
    /// A character that no line can have.
    case character
    case startLine
    /// A version that is not 1.x, as the line has it.
    case version(String)
    case field
    /// A value that goes on in the next line.
    case folding
    case contentLength
    /// A length that no number holds.
    case lengthTooLarge
    /// `Content-Length` and `Transfer-Encoding` together, or `Transfer-Encoding` where it may not be.
    case contradictoryLength
    /// `Transfer-Encoding` is no list of codings, or has `chunked` more than once.
    case transferEncoding
    /// A transfer coding other than `chunked`.
    case unknownCoding(String)
    case chunk
    /// The chunks' extensions are longer than what they come with.
    case chunkExtensions

    /// What is wrong, as part of a sentence.
    package var reason: String {
        switch self {
        case .tooLong: "a head or trailers are too long"
        case .tooManyFields: "there are too many fields"
        case .tooManyEmptyLines: "there are too many empty lines before the first line"
        case .lineEnd: "a line does not end with CR and LF"
        case .character: "a line has a control character"
        case .startLine: "the first line is not valid"
        case .version(let version): "\(version) is not supported"
        case .field: "a field is not valid"
        case .folding: "a field goes on in the next line"
        case .contentLength: "Content-Length is not valid"
        case .lengthTooLarge: "Content-Length is too large"
        case .contradictoryLength: "Content-Length and Transfer-Encoding contradict each other or the version"
        case .transferEncoding: "Transfer-Encoding is not valid"
        case .unknownCoding(let name): "the transfer coding \(name) is not supported"
        case .chunk: "a chunk is not valid"
        case .chunkExtensions: "the extensions of chunks are too long"
        }
    }

    /// The answer to a request that has it.
    package var reply: ProxyReply {
        switch self {
        case .tooLong, .tooManyFields:
            ProxyReply(.requestHeaderFieldsTooLarge, "The head of the request is too long: \(self.reason).")
        case .version: ProxyReply(.httpVersionNotSupported, "The request cannot be read: \(self.reason).")
        case .unknownCoding: ProxyReply(.notImplemented, "The request cannot be read: \(self.reason).")
        default: ProxyReply(.badRequest, "The request is not valid HTTP: \(self.reason).")
        }
    }
}
