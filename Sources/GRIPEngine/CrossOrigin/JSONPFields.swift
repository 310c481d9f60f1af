import GRIP
import HTTPTypes

/// The headers of a JSON-P request.
enum JSONPFields {
    static let maximumCount = 64
    static let error = JSONPError(parameter: "_headers")

    /// What scripts may not set in other requests either, because the browser or the connection answers for it.
    private static let forbidden: Set<HTTPField.Name> = [
        .accept, .acceptEncoding, .accessControlRequestHeaders, .accessControlRequestMethod, .connection,
        .contentLength, .cookie, .date, .expect, .keepAlive, .origin, .referer, .setCookie, .te, .trailer,
        .transferEncoding, .upgrade, .via, .known("Accept-Charset"), .known("Cookie2"), .known("DNT"), .known("Host"),
    ]

    /// Whether a header is taken from the query; others are ignored.
    static func isAllowed(_ name: HTTPField.Name) -> Bool {
        !Self.forbidden.contains(name) && !name.isGRIP && !name.canonicalName.hasBytePrefix("sec-")
            && !name.canonicalName.hasBytePrefix("proxy-")
    }

    /// Puts the headers of the query before the client's own and in place of those with the same names.
    static func merge(_ additional: HTTPFields, into fields: HTTPFields, isJSON: Bool) -> HTTPFields {
        var result = additional
        if isJSON { result[.contentType] = "application/json" }
        result.append(HTTPField(name: .accept, value: "*/*"))
        let replaced = Set(result.map(\.name) + [.contentLength, .transferEncoding])
        for field in fields where !replaced.contains(field.name) { result.append(field) }
        return result
    }
}
