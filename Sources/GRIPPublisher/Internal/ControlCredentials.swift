import GRIP
import GRIPSignature

/// What proves to a control API that we may publish.
enum ControlCredentials: Sendable {
    /// The value of an `Authorization` field, and what in it must not be shown.
    struct Field: Sendable, CustomStringConvertible, CustomReflectable {
        let value: String
        let secrets: [String]

        init(scheme: String, _ credential: String, secrets: [String] = []) {
            self.value = "\(scheme) \(credential)"
            self.secrets = [credential] + secrets
        }

        var description: String { "(redacted)" }

        var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
    }

    case none
    case fixed(Field)
    /// Tokens, each of which serves until it nears its expiry.
    case tokens(GRIPTokenCache)

    /// Prepares credentials.
    ///
    /// - Throws: What is wrong with a key, so that it shows when the application starts and not with the first publish.
    init(_ authorization: GRIPProxyConfiguration.Authorization) throws(GRIPError) {
        switch authorization.kind {
        case .none: self = .none
        case .bearer(let token): self = .fixed(Field(scheme: "Bearer", token))
        case .basic(let user, let password):
            let pair = String(decoding: Base64.encode("\(user):\(password)".utf8), as: UTF8.self)
            self = .fixed(Field(scheme: "Basic", pair, secrets: [password]))
        case .token(let issuer, let key): self = .tokens(GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: issuer)))
        }
    }

    func field() throws(GRIPError) -> Field? {
        switch self {
        case .none: nil
        case .fixed(let field): field
        case .tokens(let cache): Field(scheme: "Bearer", try cache.token().text)
        }
    }
}
