public import GRIP

/// A key whose signatures are believed, and the issuer that a token signed with it must name.
public struct GRIPTrustedKey: Sendable {
    let key: SigningKey
    let issuer: String?

    /// Loads a key.
    ///
    /// - Parameters:
    ///   - key: A shared secret for HS256, a P-256 key for ES256 or an RSA key for RS256; of a private key the public
    ///     half is used.
    ///   - issuer: The issuer that a token must name, letter by letter; nothing means any. Where several parties
    ///     share the key, as with Fastly, only the issuer tells them apart.
    /// - Throws: `GRIPError` with `GRIPError.Code.key` when the key cannot be loaded.
    public init(_ key: GRIPKey, issuer: String? = nil) throws(GRIPError) {
        self.key = try SigningKey(key)
        self.issuer = issuer
    }

    /// Whether a token of an issuer will do.
    ///
    /// Bytes are compared, because text that Swift calls equal may differ in its letters.
    func accepts(_ issuer: String?) -> Bool {
        guard let expected = self.issuer else { return true }
        guard let issuer else { return false }
        return issuer.utf8.elementsEqual(expected.utf8)
    }
}
