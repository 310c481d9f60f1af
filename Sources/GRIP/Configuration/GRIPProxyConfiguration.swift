/// How to reach one GRIP proxy, and how to recognize its requests.
///
/// It can be read from a GRIP URL, the form that Pushpin, Fastly and the libraries of other languages share:
///
/// ```
/// http://localhost:5561?verify-iss=pushpin&verify-key=changeme
/// ```
///
/// Descriptions, errors and logs never show its secrets.
public struct GRIPProxyConfiguration: Sendable, Hashable {
    /// How a publish proves that it is allowed.
    public struct Authorization: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case none
            case bearer(String)
            case token(issuer: String, key: GRIPKey)
            case basic(user: String, password: String)
        }

        package let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// Nothing: the control API is only reachable by those who may publish, as Pushpin's is by default.
        public static let none = Authorization(.none)

        /// A fixed bearer token, such as a Fastly API token.
        ///
        /// - Parameter token: The token, of visible ASCII characters.
        /// - Throws: ``GRIPError`` with ``GRIPError/Code/key`` when a header cannot carry the token.
        /// - Returns: The authorization.
        public static func bearer(_ token: String) throws(GRIPError) -> Authorization {
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw GRIPError(.key, "a bearer token consists of visible ASCII characters")
            }
            return Authorization(.bearer(token))
        }

        /// A JSON Web Token, signed for each while anew.
        ///
        /// - Parameters:
        ///   - issuer: The token's `iss`.
        ///   - key: The key that signs: a secret, or a private key.
        /// - Returns: The authorization.
        public static func token(issuer: String, key: GRIPKey) -> Authorization {
            Authorization(.token(issuer: issuer, key: key))
        }

        /// A user name and a password (RFC 7617).
        ///
        /// - Parameters:
        ///   - user: The user name, without a colon.
        ///   - password: The password.
        /// - Throws: ``GRIPError`` with ``GRIPError/Code/key`` when the user name has a colon.
        /// - Returns: The authorization.
        public static func basic(user: String, password: String) throws(GRIPError) -> Authorization {
            guard !user.utf8.contains(UInt8(ascii: ":")) else {
                throw GRIPError(.key, "a user name for Basic authorization must not contain a colon")
            }
            return Authorization(.basic(user: user, password: password))
        }
    }

    /// Where the proxy's control API is.
    public var controlURI: GRIPControlURI
    /// How a publish proves that it is allowed.
    public var authorization: Authorization
    /// The key that verifies the proxy's `Grip-Sig`, or nothing where its requests are not signed for us.
    public var verifyKey: GRIPKey?
    /// The issuer that the proxy's `Grip-Sig` must name, or nothing for any.
    ///
    /// Where several applications share the proxy's key, as with Fastly, only this tells them apart.
    public var verifyIssuer: String?
    /// Further keys that verify the proxy's `Grip-Sig`, while one key replaces another; none by default.
    public var otherVerifyKeys: [GRIPKey]

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - controlURI: Where the proxy's control API is.
    ///   - authorization: How a publish proves that it is allowed.
    ///   - verifyKey: The key that verifies the proxy's `Grip-Sig`.
    ///   - verifyIssuer: The issuer that the proxy's `Grip-Sig` must name.
    ///   - otherVerifyKeys: Further keys that verify it, while one key replaces another.
    public init(
        controlURI: GRIPControlURI,
        authorization: Authorization = .none,
        verifyKey: GRIPKey? = nil,
        verifyIssuer: String? = nil,
        otherVerifyKeys: [GRIPKey] = []
    ) {
        self.controlURI = controlURI
        self.authorization = authorization
        self.verifyKey = verifyKey
        self.verifyIssuer = verifyIssuer
        self.otherVerifyKeys = otherVerifyKeys
    }
}

extension GRIPProxyConfiguration.Authorization: CustomStringConvertible, CustomReflectable {
    /// The kind of authorization, without its secrets.
    public var description: String {
        switch self.kind {
        case .none: "none"
        case .bearer: "bearer (redacted)"
        case .token(let issuer, _): "token of '\(issuer)' (key redacted)"
        case .basic: "basic (redacted)"
        }
    }

    /// A mirror without children, so that dumping an authorization does not print it.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension GRIPProxyConfiguration: CustomStringConvertible, CustomReflectable {
    /// The control URI and what is configured, without secrets.
    ///
    /// The query of the control URI is left out too: it may hold a secret that we do not know as one.
    public var description: String {
        let issuer = self.verifyIssuer.map { " of '\($0)'" } ?? ""
        return "\(self.controlURI), authorization: \(self.authorization), signature: "
            + (self.verifyKey == nil ? "not verified" : "verified\(issuer)")
    }
    /// A mirror without children, so that dumping a configuration does not print the query of its control URI.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
