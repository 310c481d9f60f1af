import NIOHTTP1

extension HTTPParserError {
    /// What is wrong with a message, for people who know nothing of the parser.
    var reason: String {
        switch self {
        case .headerOverflow: "the headers are too long"
        case .closedConnection: "more came after the last response"
        case .invalidVersion: "the version is not HTTP/1.0 or HTTP/1.1"
        case .invalidStatus: "the status is not a number of three digits"
        case .invalidHeaderToken: "a header has a character that it must not have"
        case .invalidContentLength: "Content-Length is not a number"
        case .unexpectedContentLength: "there are both Content-Length and Transfer-Encoding, or one of them twice"
        case .invalidChunkSize: "the size of a chunk is not a hexadecimal number"
        case .invalidEOFState: "it ends in the middle"
        case .lfExpected: "a line does not end with CR LF"
        case .invalidConstant, .unknown: "it does not begin with 'HTTP/1.1' and a status, or its headers cannot be read"
        default: "its headers cannot be read"
        }
    }
}
