package import HTTPTypes

/// A request of a client, as it came.
package struct ClientRequest: Sendable, Hashable {
    package var method: HTTPRequest.Method
    /// The host, with or without port, that the client asked for.
    package var authority: String
    /// The encoded path with its query, as the client wrote it.
    package var path: String
    package var fields: HTTPFields
    /// Whether the connection itself uses TLS.
    package var isOverTLS = false
    package var peerAddress: String
    /// How long the body is.
    package var bodyLength: BodyLength
    /// Whether a GRIP proxy has signed the request with the key that is trusted.
    package var isTrusted = false

    package init(
        method: HTTPRequest.Method,
        authority: String,
        path: String,
        fields: HTTPFields,
        peerAddress: String,
        bodyLength: BodyLength = .none
    ) {
        self.method = method
        self.authority = authority
        self.path = path
        self.fields = fields
        self.peerAddress = peerAddress
        self.bodyLength = bodyLength
    }
}

/// How long the body of a message is.
package enum BodyLength: Sendable, Hashable {
    /// There is no body.
    case none
    /// So many bytes.
    case known(Int)
    /// The end shows.
    case untilEnd
}
