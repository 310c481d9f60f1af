extension GRIPProxyConfiguration {
    /// Reads a GRIP URL.
    ///
    /// The query items `iss`, `key`, `verify-iss` and `verify-key` are taken out, all others stay with the control
    /// URI. With an `iss` the `key` signs publish tokens, and, if it is a secret and there is no `verify-key`, verifies
    /// too; without one it is a bearer token and never verifies anything. A user and password in the URL serve where
    /// there is no `key`. A `+` is a plus; an item without a value counts as absent; of equal items the first counts.
    ///
    /// - Parameter url: The URL; keys in it have the forms of ``GRIPKey/init(_:)``.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/url`` or ``GRIPError/Code/key``. It never quotes the URL, which may
    ///   hold secrets.
    public init(url: String) throws(GRIPError) {
        let parts = try URLParts(url)
        let items = try GRIPURLItems(parts.query)
        let key = try items["key"].map { text throws(GRIPError) in try GRIPKey(text) }
        let verifyKey = try items["verify-key"].map { text throws(GRIPError) in try GRIPKey(text) }
        self.init(controlURI: GRIPControlURI(parts, query: items.unknown.map { $0[...] }))
        if let key, let issuer = items["iss"] {
            self.authorization = .token(issuer: issuer, key: key)
            self.verifyKey = verifyKey ?? (key.isSymmetric ? key : nil)
        } else if let key {
            guard let token = key.bearerToken else {
                throw GRIPError(.key, "a key without 'iss' is a bearer token, which must be text")
            }
            self.authorization = try .bearer(token)
            self.verifyKey = verifyKey
        } else {
            if let userInfo = parts.userInfo { self.authorization = try Self.basic(userInfo) }
            self.verifyKey = verifyKey
        }
        self.verifyIssuer = items["verify-iss"]
    }

    private static func basic(_ userInfo: Substring) throws(GRIPError) -> Authorization {
        let colon = userInfo.firstIndex(of: ":") ?? userInfo.endIndex
        guard let user = PercentCoding.decode(userInfo[..<colon]),
            let password = PercentCoding.decode(userInfo[colon...].dropFirst())
        else { throw GRIPError(.url, "the user and password of a GRIP URL are not percent-encoded UTF-8") }
        return try .basic(user: user, password: password)
    }
}

/// The query of a GRIP URL: what we know by name, and the rest as it was.
private struct GRIPURLItems {
    private var known: [String: String] = [:]
    private(set) var unknown: String?

    init(_ query: Substring?) throws(GRIPError) {
        guard let query else { return }
        var rest: [Substring] = []
        for item in query.split(separator: "&") {
            let equals = item.firstIndex(of: "=") ?? item.endIndex
            guard let name = PercentCoding.decode(item[..<equals]),
                ["iss", "key", "verify-iss", "verify-key"].contains(name)
            else {
                rest.append(item)
                continue
            }
            guard let value = PercentCoding.decode(item[equals...].dropFirst()) else {
                throw GRIPError(.url, "the value of '\(name)' in a GRIP URL is not percent-encoded UTF-8")
            }
            if !value.isEmpty, self.known[name] == nil { self.known[name] = value }
        }
        self.unknown = rest.isEmpty ? nil : rest.joined(separator: "&")
    }

    subscript(_ name: String) -> String? { self.known[name] }
}
