import GRIP
import HTTPTypes

/// Decides whether what a client has sent is a request that the proxy takes.
package struct RequestAdmission: Sendable {
    package enum Decision: Sendable, Hashable {
        case take(ClientRequest)
        case refuse(ProxyReply)
    }

    private let peerAddress: String
    private let isOverTLS: Bool

    /// Prepares for the requests of a connection.
    ///
    /// - Parameters:
    ///   - peerAddress: The address of the client or of the proxy before this one.
    ///   - isOverTLS: Whether the connection itself uses TLS.
    package init(peerAddress: String, isOverTLS: Bool) {
        self.peerAddress = peerAddress
        self.isOverTLS = isOverTLS
    }

    /// The request that a plain head is; such a head has nothing to refuse.
    package func request(_ head: PlainRequestHead) -> ClientRequest {
        self.request(.get, head.authority, head.path, head.fields, .none)
    }

    package func decide(_ head: HTTP1RequestHead) -> Decision {
        guard head.method != .connect else {
            return .refuse(ProxyReply(.notImplemented, "The method CONNECT is not supported."))
        }
        guard let (authority, path) = Self.target(of: head) else {
            return .refuse(ProxyReply(.badRequest, "The request target or Host is not valid."))
        }
        var fields = HTTPFields()
        fields.reserveCapacity(head.fields.count)
        for field in head.fields where field.name.canonicalName != "host" { fields.append(field) }
        return .take(self.request(head.method, authority, path, fields, head.bodyLength))
    }

    private func request(
        _ method: HTTPRequest.Method,
        _ authority: String,
        _ path: String,
        _ fields: HTTPFields,
        _ length: BodyLength
    ) -> ClientRequest {
        var request = ClientRequest(
            method: method,
            authority: authority,
            path: path,
            fields: fields,
            peerAddress: self.peerAddress,
            bodyLength: length
        )
        request.isOverTLS = self.isOverTLS
        return request
    }

    /// The host and the path, also of a request line in absolute form.
    private static func target(of head: HTTP1RequestHead) -> (authority: String, path: String)? {
        let hosts = head.fields[values: .host]
        guard hosts.count <= 1, hosts.count == 1 || head.isHTTP10 else { return nil }
        var authority = hosts.first ?? ""
        var path = head.target
        // A target has no fragment (RFC 9112 section 3.2): others would route by another text than the origin sees.
        guard !path.utf8.contains(UInt8(ascii: "#")) else { return nil }
        if !path.utf8.starts(with: "/".utf8), path != "*" {
            guard let uri = URIReference(path), uri.scheme == "http" || uri.scheme == "https", let host = uri.authority,
                !host.isEmpty
            else { return nil }
            authority = host
            path = uri.path.utf8.first == UInt8(ascii: "/") ? uri.path : "/" + uri.path
        }
        guard authority.isEmpty || RouteAuthority(authority) != nil else { return nil }
        return (authority, path)
    }
}
