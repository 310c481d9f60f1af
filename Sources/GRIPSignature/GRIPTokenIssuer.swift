public import GRIP
import NIOCore

/// Signs tokens: a proxy's `Grip-Sig`, or the authorization of a publish.
public struct GRIPTokenIssuer: Sendable {
    /// How long a token is valid.
    public let lifetime: Duration
    private let key: SigningKey
    private let issuer: String
    private let header: [UInt8]

    /// Makes an issuer.
    ///
    /// - Parameters:
    ///   - key: A shared secret for HS256, a private P-256 key for ES256 or a private RSA key for RS256.
    ///   - issuer: The issuer that the tokens name (`iss`).
    ///   - lifetime: How long a token is valid, in whole seconds; an hour by default, as with Pushpin.
    /// - Throws: `GRIPError` with `GRIPError.Code.key` when the key cannot be loaded or cannot sign.
    public init(key: GRIPKey, issuer: String, lifetime: Duration = .seconds(3600)) throws(GRIPError) {
        let key = try SigningKey(key)
        guard key.canSign else { throw GRIPError(.key, "a public key cannot sign; give the private one") }
        self.key = key
        self.issuer = issuer
        self.lifetime = lifetime
        self.header = Base64URL.encode(Array("{\"typ\":\"JWT\",\"alg\":\"\(key.algorithm)\"}".utf8))
    }

    /// Signs a token, whose only claims are `exp` and `iss`.
    ///
    /// - Parameter now: From when its lifetime counts.
    /// - Throws: `GRIPError` with `GRIPError.Code.key` when the key cannot sign.
    /// - Returns: The token.
    public func token(now: GRIPTimestamp = .now) throws(GRIPError) -> GRIPToken {
        let expiry = now.advanced(by: self.lifetime)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("exp", Int(expiry.secondsSince1970))
            writer.member("iss", self.issuer)
        }
        var token = self.header
        token.append(UInt8(ascii: "."))
        token += Base64URL.encode(writer.bytes)
        let signature = try self.key.signature(for: token)
        token.append(UInt8(ascii: "."))
        token += Base64URL.encode(signature)
        return GRIPToken(text: String(decoding: token, as: UTF8.self), expiry: expiry)
    }
}
