import GRIPEngine
import HTTPTypes
import NIOCore
import NIOHTTP1

extension ControlHead {
    /// Makes the head of a request that the control API takes, or nothing when it cannot be one.
    init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(head.method.rawValue) else { return nil }
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { return nil }
            fields.append(HTTPField(name: name, value: value))
        }
        self.init(method: method, target: head.uri, fields: fields, isHTTP10: head.isHTTP10)
    }
}

extension HTTPRequestHead {
    /// Whether the decoder takes what follows for another protocol and reads it no more.
    var endsDecoding: Bool {
        self.method == .CONNECT || (self.headers.contains(name: "upgrade") && self.headers.contains(name: "connection"))
    }
}

extension ControlResponse {
    /// The answer to what is not HTTP as far as it is understood.
    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow: self = .headTooLarge
        case .invalidContentLength, .unexpectedContentLength: self = .badLength
        default: self = .badHead
        }
    }
}
