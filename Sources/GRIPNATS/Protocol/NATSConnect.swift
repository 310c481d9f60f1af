package import GRIP
package import NIOCore

/// What a client says about itself.
package struct NATSConnect: Sendable, Hashable {
    /// How the server is to know who the client is.
    package enum Authorization: Sendable, Hashable {
        case none
        case user(GRIPSecret, password: GRIPSecret)
        case token(GRIPSecret)
        /// A public key, and the nonce signed.
        case key(String, signature: String)
        /// A JSON Web Token, and the nonce signed with the key that it names.
        case jwt(GRIPSecret, signature: String)
    }

    package var authorization: Authorization
    /// The name of the connection, which the server shows to operators.
    package var name: String?
    /// Whether the client's own messages come back to its subscriptions.
    package var echoes: Bool
    package var usesTLS: Bool

    package init(
        authorization: Authorization = .none,
        name: String? = nil,
        echoes: Bool = true,
        usesTLS: Bool = false
    ) {
        self.authorization = authorization
        self.name = name
        self.echoes = echoes
        self.usesTLS = usesTLS
    }

    package var json: ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("verbose", false)
            writer.member("pedantic", false)
            writer.member("tls_required", self.usesTLS)
            switch self.authorization {
            case .none: break
            case .user(let user, let password):
                writer.member("user", user.text)
                writer.member("pass", password.text)
            case .token(let token): writer.member("auth_token", token.text)
            case .key(let key, let signature):
                writer.member("nkey", key)
                writer.member("sig", signature)
            case .jwt(let jwt, let signature):
                writer.member("jwt", jwt.text)
                writer.member("sig", signature)
            }
            if let name { writer.member("name", name) }
            writer.member("lang", "swift-grip")
            writer.member("version", "1")
            // 1: the server may send INFO at any time.
            writer.member("protocol", 1)
            writer.member("echo", self.echoes)
            writer.member("headers", true)
            writer.member("no_responders", true)
        }
        return writer.buffer
    }
}
