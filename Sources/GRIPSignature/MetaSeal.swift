import Crypto
package import GRIP

/// Signs what a proxy remembers of a WebSocket for the application (`Meta-*`), and verifies it when it comes back.
///
/// A proxy signs whatever it forwards, and some forward the meta that a client writes itself. A seal is bound to the
/// connection and to all names and values, and its key is derived from the secret, so that no token is a seal.
package struct MetaSeal: Sendable {
    /// The name under which the proxy remembers the seal, next to the rest.
    package static let metaName = "grip-seal"

    private let key: SymmetricKey

    /// Makes a seal of a shared secret.
    ///
    /// - Parameter key: The secret.
    /// - Throws: `GRIPError` with `GRIPError.Code.key` when the key is no shared secret.
    package init(_ key: GRIPKey) throws(GRIPError) {
        guard case .secret(let secret) = try SigningKey(key) else {
            throw GRIPError(.key, "the meta of WebSockets is signed with a shared secret, not with a key of a pair")
        }
        let purpose = Array("swift-grip: meta of WebSockets, 1".utf8)
        self.key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: purpose, using: secret))
    }

    /// Signs meta.
    ///
    /// - Parameters:
    ///   - meta: All that the proxy is to remember, by name in lower case.
    ///   - connectionID: The connection that it is about.
    /// - Returns: The signature, in characters that a header can have.
    package func code(for meta: [String: String], of connectionID: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Self.message(meta, connectionID), using: self.key)
        return String(decoding: Base64URL.encode(Array(code)), as: UTF8.self)
    }

    /// Verifies meta.
    ///
    /// - Parameters:
    ///   - text: What ``code(for:of:)`` has made.
    ///   - meta: All that has come, by name in lower case, without the seal.
    ///   - connectionID: The connection that it came for.
    /// - Returns: Whether this application has set it for that connection.
    package func isValid(_ text: String, for meta: [String: String], of connectionID: String) -> Bool {
        guard let code = Base64URL.decode(Array(text.utf8)[...]) else { return false }
        let message = Self.message(meta, connectionID)
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: self.key)
    }

    /// The texts, each after its length, so that no two lists of them are the same bytes.
    private static func message(_ meta: [String: String], _ connectionID: String) -> [UInt8] {
        var message: [UInt8] = []
        func append(_ text: String) {
            withUnsafeBytes(of: UInt64(text.utf8.count).bigEndian) { message += $0 }
            message += text.utf8
        }
        append(connectionID)
        for (name, value) in meta.sorted(by: { $0.key < $1.key }) {
            append(name)
            append(value)
        }
        return message
    }
}
