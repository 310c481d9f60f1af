extension GRIPProxyConfiguration {
    /// A Pushpin whose control API needs no authorization.
    ///
    /// - Parameters:
    ///   - controlURI: Where its control API is, `http://localhost:5561` for a Pushpin with its own defaults.
    ///   - verifyKey: The key that its `sig_key` names, to verify its requests; `changeme` as shipped, which must be
    ///     changed wherever the origin is reachable by others.
    ///   - verifyIssuer: The issuer that its `sig_iss` names.
    /// - Throws: ``GRIPError`` when the URI is malformed.
    /// - Returns: The configuration.
    public static func pushpin(
        controlURI: String = "http://localhost:5561",
        verifyKey: GRIPKey? = nil,
        verifyIssuer: String? = "pushpin"
    ) throws(GRIPError) -> GRIPProxyConfiguration {
        GRIPProxyConfiguration(
            controlURI: try GRIPControlURI(controlURI),
            verifyKey: verifyKey,
            verifyIssuer: verifyKey == nil ? nil : verifyIssuer
        )
    }

    /// Fastly Fanout.
    ///
    /// Its requests are signed with a key that all services share, so the issuer, which names the service, is checked.
    ///
    /// - Parameters:
    ///   - serviceID: The id of the service.
    ///   - apiToken: An API token with global scope on the service.
    /// - Throws: ``GRIPError`` when the id cannot be part of a path or the token cannot be part of a header.
    /// - Returns: The configuration.
    public static func fastlyFanout(serviceID: String, apiToken: String) throws(GRIPError) -> GRIPProxyConfiguration {
        guard Self.isName(serviceID) else {
            throw GRIPError(.url, "a Fastly service id consists of letters and digits")
        }
        return GRIPProxyConfiguration(
            controlURI: try GRIPControlURI("https://api.fastly.com/service/\(serviceID)"),
            authorization: try .bearer(apiToken),
            verifyKey: .fastlyFanout,
            verifyIssuer: "fastly:\(serviceID)"
        )
    }

    /// Fanout Cloud, and services that are reached as it was.
    ///
    /// - Parameters:
    ///   - realm: The id of the realm.
    ///   - key: The realm's key, which signs publishes and verifies requests.
    /// - Throws: ``GRIPError`` when the realm cannot be part of a path.
    /// - Returns: The configuration.
    public static func fanoutCloud(realm: String, key: GRIPKey) throws(GRIPError) -> GRIPProxyConfiguration {
        guard Self.isName(realm) else {
            throw GRIPError(.url, "a Fanout Cloud realm consists of letters, digits, '-' and '_'")
        }
        return GRIPProxyConfiguration(
            controlURI: try GRIPControlURI("https://api.fanout.io/realm/\(realm)"),
            authorization: .token(issuer: realm, key: key),
            verifyKey: key.isSymmetric ? key : nil,
            verifyIssuer: nil
        )
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && PercentCoding.encode(text) == text && !text.contains(where: { $0 == "." || $0 == "~" })
    }
}

extension GRIPKey {
    /// The public key with which Fastly Fanout signs its requests, for all services.
    public static let fastlyFanout = GRIPKey(
        publicJWK: """
            {"kty":"EC","crv":"P-256","x":"CKo5A1ebyFcnmVV8SE5On-8G81JyBjSvcrx4VLetWCg",\
            "y":"7gwJqaU6N8TP88--twjkwoB36f-pT3QsmI46nPhjO7M"}
            """
    )

    private init(publicJWK json: String) { self.init(material: .jwk(json)) }
}
