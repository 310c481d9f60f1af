import GRIP
import HTTPTypes

/// The headers of a JSON-P request.
enum JSONPFields {
    static let maximumCount = 64
    static let error = JSONPError(parameter: "_headers")

    /// What scripts may not set in other requests either, because the browser or the connection answers for it, or
    /// because a proxy does.
    private static let forbidden: Set<String> = [
        "accept", "accept-charset", "accept-encoding", "access-control-request-headers",
        "access-control-request-method",
        "cdn-loop", "connection", "connection-id", "content-bytes-replayed", "content-length", "cookie", "cookie2",
        "date",
        "dnt", "expect", "forwarded", "host", "keep-alive", "origin", "pushpin-route", "referer", "set-cookie", "te",
        "trailer", "transfer-encoding", "upgrade", "via",
    ]

    private static let forbiddenPrefixes = ["grip-", "meta-", "proxy-", "sec-", "x-forwarded-"]

    /// Whether a header is taken from the query; others are ignored.
    ///
    /// The proxy passes it on as its own client's, which may be a proxy that is trusted.
    static func isAllowed(_ name: HTTPField.Name) -> Bool {
        let name = name.foldedName ?? name.canonicalName
        return !Self.forbidden.contains(name) && !Self.forbiddenPrefixes.contains { name.hasBytePrefix($0) }
    }

    /// Puts the headers of the query before the client's own and in place of those with the same names.
    static func merge(_ additional: HTTPFields, into fields: HTTPFields, isJSON: Bool) -> HTTPFields {
        var result = additional
        if isJSON { result[.contentType] = "application/json" }
        result.append(HTTPField(name: .accept, value: "*/*"))
        // The answer is put into a script, for which it must be text.
        let replaced = Set(result.map(\.name) + [.contentLength, .transferEncoding, .acceptEncoding])
        for field in fields where !replaced.contains(field.name) { result.append(field) }
        return result
    }
}
