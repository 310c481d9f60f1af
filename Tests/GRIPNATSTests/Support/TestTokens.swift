import GRIP
import GRIPNATS
import NIOCore

/// JSON Web Tokens of an operator, an account and a user, as `nsc` makes them.
struct TestTokens {
    let account = NATSKey(role: .account)
    let user = NATSKey(role: .user)
    private let `operator` = NATSKey(role: .operator)

    /// A server's configuration that trusts the operator and knows the account.
    var configuration: String {
        get throws {
            let operatorToken = try self.token(
                for: self.operator.publicKey,
                by: self.operator,
                nats: #"{"type":"operator","version":2}"#
            )
            let limits =
                #""subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1"#
            let accountToken = try self.token(
                for: self.account.publicKey,
                by: self.operator,
                nats: #"{"limits":{\#(limits)},"type":"account","version":2}"#
            )
            return """
                operator: "\(operatorToken)"
                resolver: MEMORY
                resolver_preload: { \(self.account.publicKey): "\(accountToken)" }
                """
        }
    }

    /// The content of the user's credentials file.
    func credentialsFile(key: NATSKey? = nil) throws -> String {
        let token = try self.token(
            for: self.user.publicKey,
            by: self.account,
            nats: #"{"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2}"#
        )
        return """
            -----BEGIN NATS USER JWT-----
            \(token)
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            \((key ?? self.user).seed.text)
            ------END USER NKEY SEED------
            """
    }

    private func token(for subject: String, by issuer: NATSKey, nats: String) throws -> String {
        let header = Self.encoded(#"{"typ":"JWT","alg":"ed25519-nkey"}"#)
        let claims = Self.encoded(
            #"{"jti":"\#(subject)","iat":1700000000,"iss":"\#(issuer.publicKey)","name":"test","sub":"\#(subject)","nats":\#(nats)}"#
        )
        return "\(header).\(claims).\(try issuer.signature(of: "\(header).\(claims)"))"
    }

    private static func encoded(_ text: String) -> String {
        String(decoding: Base64.encode(text.utf8), as: UTF8.self)
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
