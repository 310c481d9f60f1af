import GRIP
package import HTTPTypes

extension HeaderPolicy {
    /// Names that mean nothing, or too much, after a body (RFC 9110 section 6.5.1): they frame the message, say who sent
    /// it or where it has been, or are to be known before it is read.
    private static let notInTrailers: Set<String> = [
        "accept-encoding", "age", "authorization", "cache-control", "cdn-loop", "connection", "connection-id",
        "content-bytes-accepted", "content-bytes-replayed", "content-encoding", "content-length", "content-location",
        "content-range", "content-type", "cookie", "cookie2", "date", "expect", "expires", "forwarded", "host",
        "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "keep-alive-interval",
        "location", "max-forwards", "origin", "pragma", "pushpin-route", "range", "referer", "retry-after",
        "set-cookie",
        "set-cookie2", "te", "trailer", "transfer-encoding", "upgrade", "vary", "via", "warning", "www-authenticate",
    ]

    private static let prefixesNotInTrailers = [
        "access-control-", "grip-", "meta-", "proxy-", "sec-", "set-meta-", "x-forwarded-",
    ]

    private static func isTrailer(_ name: HTTPField.Name) -> Bool {
        let name = name.foldedName ?? name.canonicalName
        return !Self.notInTrailers.contains(name) && !Self.prefixesNotInTrailers.contains { name.hasBytePrefix($0) }
    }

    /// The trailers that the origin gets, or `nil` when none is left.
    ///
    /// Servers may add trailers to the header fields. A field that is not allowed there is not allowed here either, for
    /// any client.
    ///
    /// - Parameters:
    ///   - trailers: The client's trailers.
    ///   - route: The route that was chosen.
    ///   - fields: The header fields of the same request.
    package static func requestTrailers(
        _ trailers: HTTPFields?,
        route: Route,
        after fields: HTTPFields
    ) -> PassedTrailers? {
        guard let trailers else { return nil }
        let named = fields.namedByConnection
        return Self.passTrailers(trailers) { name in
            Self.isTrailer(name) && !named.contains(name) && !route.replaces(name)
        }
    }

    /// The trailers that the client gets, or `nil` when none is left.
    ///
    /// - Parameter trailers: The origin's trailers.
    package static func responseTrailers(_ trailers: HTTPFields?) -> PassedTrailers? {
        Self.passTrailers(trailers, where: Self.isTrailer)
    }
}

extension Route {
    /// Whether the route says itself what the origin gets under a name, or under one that a server takes it for.
    func replaces(_ name: HTTPField.Name) -> Bool {
        guard !self.headers.isEmpty else { return false }
        let folded = name.foldedName ?? name.canonicalName
        return self.headers.contains { ($0.name.foldedName ?? $0.name.canonicalName) == folded }
    }
}
