import GRIP
package import HTTPTypes

/// The headers of cross-origin resource sharing that a route with `aco` adds.
///
/// They let every page in every browser do everything, with the user's cookies: such a route must not serve what is
/// not for everybody. Preflight requests are answered by the origin; the headers are added to its answer.
package enum CrossOriginFields {
    private static let methods = "OPTIONS, HEAD, GET, POST, PUT, DELETE"
    private static let maximumAge = "3600"

    /// What scripts may see anyway, and what belongs to the connection.
    private static let notExposed: Set<HTTPField.Name> = [
        .cacheControl, .contentLanguage, .contentLength, .contentType, .expires, .lastModified, .connection,
        .known("Pragma"),
        .keepAlive, .transferEncoding,
    ]

    /// Adds each header that the response does not have.
    ///
    /// Where the origin that asks is named, caches must keep the responses to different origins apart, so that `Vary` names
    /// `Origin`; also when none asks, for that response is not for those that do.
    ///
    /// Responses wrapped by ``JSONPWrapper`` do without; errors and held responses get them like all others.
    ///
    /// - Parameters:
    ///   - fields: The fields of the response.
    ///   - requestFields: The fields of the client's request.
    package static func add(to fields: inout HTTPFields, answering requestFields: HTTPFields) {
        let exposed = Self.exposed(fields)
        func add(_ name: HTTPField.Name, _ value: String?) {
            guard let value, !value.isEmpty, !fields.contains(name) else { return }
            fields.append(HTTPField(name: name, value: value))
        }
        add(.accessControlAllowMethods, requestFields[.accessControlRequestMethod] ?? Self.methods)
        add(.accessControlAllowHeaders, requestFields[.accessControlRequestHeaders])
        add(.accessControlExposeHeaders, exposed)
        add(.accessControlAllowCredentials, "true")
        if !fields.contains(.accessControlAllowOrigin), !fields.variesByOrigin {
            fields.append(HTTPField(name: .vary, value: "Origin"))
        }
        add(.accessControlAllowOrigin, requestFields[values: .origin].first ?? "*")
        add(.accessControlMaxAge, Self.maximumAge)
    }

    private static func exposed(_ fields: HTTPFields) -> String {
        var seen = Self.notExposed
        var names: [String] = []
        for field in fields where !field.name.isGRIP && !field.name.canonicalName.hasBytePrefix("access-control-") {
            if seen.insert(field.name).inserted { names.append(field.name.rawName) }
        }
        return names.joined(separator: ", ")
    }
}

extension HTTPFields {
    fileprivate var variesByOrigin: Bool {
        self.listElements(.vary).contains { $0 == "*" || $0.equalsIgnoringASCIICase("origin") }
    }
}
