import Crypto
import GRIP

/// Makes tokens of any content, right and wrong, without the code under test.
enum Forge {
    static let header = #"{"alg":"HS256","typ":"JWT"}"#

    /// A token with an HMAC over its first two parts.
    static func hs256(
        header: String = Self.header,
        claims: String,
        secret: String = "changeme"
    ) -> String {
        let message = "\(self.base64URL(Array(header.utf8))).\(self.base64URL(Array(claims.utf8)))"
        let key = SymmetricKey(data: Array(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array(message.utf8), using: key)
        return "\(message).\(self.base64URL(Array(code)))"
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes), as: UTF8.self)
            .split(separator: "=", omittingEmptySubsequences: false)[0]
            .map { $0 == "+" ? "-" : $0 == "/" ? "_" : String($0) }
            .joined()
    }

    /// The parts of a token as text: the header and the claims.
    static func contents(of token: String) -> [String] {
        token.split(separator: ".").prefix(2).map { part in
            String(decoding: Base64.decode(part.utf8) ?? [], as: UTF8.self)
        }
    }
}
