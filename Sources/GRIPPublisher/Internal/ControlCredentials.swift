import GRIP

/// What proves to a control API that we may publish.
enum ControlCredentials: Sendable {
    /// The value of an `Authorization` field, and what in it must not be shown.
    struct Field: Sendable {
        let value: String
        let secrets: [String]

        init(scheme: String, _ credential: String, secrets: [String] = []) {
            self.value = "\(scheme) \(credential)"
            self.secrets = [credential] + secrets
        }
    }

    case none
    case fixed(Field)

    init(_ authorization: GRIPProxyConfiguration.Authorization) {
        switch authorization.kind {
        case .none: self = .none
        case .bearer(let token): self = .fixed(Field(scheme: "Bearer", token))
        case .basic(let user, let password):
            let pair = String(decoding: Base64.encode("\(user):\(password)".utf8), as: UTF8.self)
            self = .fixed(Field(scheme: "Basic", pair, secrets: [password]))
        case .token: self = .none
        }
    }

    func field() async throws -> Field? {
        switch self {
        case .none: nil
        case .fixed(let field): field
        }
    }
}
