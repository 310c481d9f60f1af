/// Verifies tokens: a proxy's `Grip-Sig` at the origin, and the authorization of a publish at a proxy.
///
/// The algorithm must be that of a configured key: HS256 for secrets, ES256 for P-256 keys, RS256 for RSA keys. `exp` is
/// required; `nbf` counts where it is present; `iss` must match where a key asks for it; `iat` and `aud` do not matter.
///
/// A token that was verified before is not verified again: proxies reuse tokens, and one request in a batch of many
/// carries the same. Tokens that fail are not remembered, so that bad ones cannot displace good ones.
public final class GRIPSignatureVerifier: Sendable {
    /// The longest token that is looked at, in bytes.
    public static let maximumTokenLength = 8192

    private let keys: [GRIPTrustedKey]
    private let leeway: Duration
    private let cache: VerifiedTokenCache

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - keys: The keys believed; several while one replaces another, or for several proxies.
    ///   - leeway: How far the clocks may differ; nothing by default.
    ///   - cacheCapacity: How many verified tokens to remember; 0 for none. One takes twice its length, usually
    ///     less than a kilobyte.
    public init(keys: [GRIPTrustedKey], leeway: Duration = .zero, cacheCapacity: Int = 1024) {
        self.keys = keys
        self.leeway = leeway
        self.cache = VerifiedTokenCache(capacity: cacheCapacity)
    }

    /// Verifies a token.
    ///
    /// - Parameters:
    ///   - token: The token in its compact form.
    ///   - now: The present.
    /// - Throws: ``GRIPSignatureError``.
    /// - Returns: What the token says.
    @discardableResult
    public func verify(
        _ token: String,
        now: GRIPTimestamp = .now
    ) throws(GRIPSignatureError) -> VerifiedSignature {
        guard token.utf8.count <= Self.maximumTokenLength else { throw GRIPSignatureError(.tooLong) }
        // Beyond ASCII, different texts can be equal, and the cache would take one for the other.
        guard token.utf8.allSatisfy({ $0 < 0x80 }) else { throw GRIPSignatureError(.malformed) }
        if let known = self.cache[token] {
            try known.check(now: now, leeway: self.leeway)
            return known
        }
        let verified = try self.verifyAnew(token)
        try verified.check(now: now, leeway: self.leeway)
        self.cache.insert(token, verified)
        return verified
    }

    /// How many signatures were checked so far; for tests that prove that the cache works.
    package var checkedSignatureCount: Int { self.cache.missCount }

    private func verifyAnew(_ text: String) throws(GRIPSignatureError) -> VerifiedSignature {
        let token = try CompactToken(text)
        let candidates = self.keys.filter { $0.key.algorithm == token.algorithm }
        guard !candidates.isEmpty else { throw GRIPSignatureError(.algorithmNotAllowed) }
        self.cache.countMiss()
        let signers = candidates.filter { $0.key.isValid(token.signature, for: token.message) }
        guard !signers.isEmpty else { throw GRIPSignatureError(.signatureMismatch) }
        let verified = try token.claims()
        // Two proxies may share a key and differ in the issuer.
        guard signers.contains(where: { $0.accepts(verified.issuer) }) else {
            throw GRIPSignatureError(.issuerMismatch)
        }
        return verified
    }
}
