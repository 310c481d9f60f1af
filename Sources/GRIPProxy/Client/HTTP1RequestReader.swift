import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Makes a client's request out of its HTTP/1 head.
struct HTTP1RequestReader {
    enum Result {
        case request(ClientRequest, upgrade: Upgrade?)
        case refused(ProxyReply)
    }

    enum Upgrade {
        case webSocket
        case other
    }

    private let loop: ProxyLoop
    private let isOverTLS: Bool
    private let peer: String

    init(_ loop: ProxyLoop, isOverTLS: Bool, peer: String) {
        self.loop = loop
        self.isOverTLS = isOverTLS
        self.peer = peer
    }

    func read(_ head: PlainRequestHead) -> ClientRequest {
        var request = ClientRequest(
            method: .get,
            authority: head.authority,
            path: head.path,
            fields: head.fields,
            peerAddress: self.peer
        )
        request.isOverTLS = self.isOverTLS
        request.isTrusted = self.loop.isTrusted(head.fields)
        return request
    }

    func read(_ head: HTTPRequestHead) -> Result {
        let size = head.uri.utf8.count + head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard size <= self.loop.limits.requestHead, head.headers.count <= self.loop.limits.requestFields else {
            let limit = "\(self.loop.limits.requestHead) bytes or \(self.loop.limits.requestFields) lines"
            return .refused(ProxyReply(.requestHeaderFieldsTooLarge, "The head of the request exceeds \(limit)."))
        }
        guard head.method != .CONNECT else {
            return .refused(ProxyReply(.notImplemented, "CONNECT is not supported."))
        }
        guard let (authority, path) = Self.target(of: head) else {
            return .refused(ProxyReply(.badRequest, "The request target or Host is not valid."))
        }
        guard let fields = Self.fields(of: head.headers), let method = HTTPRequest.Method(head.method.rawValue) else {
            return .refused(ProxyReply(.badRequest, "A header is not valid."))
        }
        guard let bodyLength = Self.bodyLength(of: head) else {
            return .refused(ProxyReply(.badRequest, "The Content-Length is not valid."))
        }
        var request = ClientRequest(
            method: method,
            authority: authority,
            path: path,
            fields: fields,
            peerAddress: self.peer,
            bodyLength: bodyLength
        )
        request.isOverTLS = self.isOverTLS
        request.isTrusted = self.loop.isTrusted(fields)
        return .request(request, upgrade: Self.upgrade(of: head))
    }

    /// The host and the path, also of a request line in absolute form.
    private static func target(of head: HTTPRequestHead) -> (authority: String, path: String)? {
        let hosts = head.headers["host"]
        guard hosts.count <= 1, hosts.count == 1 || head.isHTTP10 else { return nil }
        var authority = hosts.first ?? ""
        var path = head.uri
        if !path.utf8.starts(with: "/".utf8), path != "*" {
            guard let uri = URIReference(path), uri.scheme == "http" || uri.scheme == "https", let host = uri.authority
            else { return nil }
            authority = host
            path = uri.path.utf8.first == UInt8(ascii: "/") ? uri.path : "/" + uri.path
        }
        guard authority.isEmpty || RouteAuthority(authority) != nil else { return nil }
        return (authority, path)
    }

    private static func fields(of headers: HTTPHeaders) -> HTTPFields? {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { return nil }
            if name.canonicalName == "host" { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    /// What the decoder goes by, or nothing for a length that only the decoder can read.
    ///
    /// A body that the origin is told nothing of would be a request to it.
    private static func bodyLength(of head: HTTPRequestHead) -> BodyLength? {
        if head.headers.contains(name: "transfer-encoding") { return .untilEnd }
        guard let text = head.headers.first(name: "content-length") else { return BodyLength.none }
        let digits = text.trimmingASCIIWhitespace()
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits).map { .known($0) }
    }

    private static func upgrade(of head: HTTPRequestHead) -> Upgrade? {
        let connection = head.headers[canonicalForm: "connection"]
        guard connection.contains(where: { $0.lowercased() == "upgrade" }) else { return nil }
        let protocols = head.headers[canonicalForm: "upgrade"]
        return protocols.contains { $0.lowercased() == "websocket" } ? .webSocket : protocols.isEmpty ? nil : .other
    }
}

extension HTTPRequestHead {
    /// Whether the client speaks a version before HTTP/1.1.
    var isHTTP10: Bool { self.version.major < 1 || (self.version.major == 1 && self.version.minor < 1) }
}
