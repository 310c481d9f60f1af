import Crypto
import GRIP
import GRIPSignature

extension CoreSteps {
    /// The signature of a proxy's request: seen for the first time, and seen before.
    static func signatures() throws -> [Step] {
        let secret = try GRIPKey("0123456789abcdef0123456789abcdef")
        let pair = P256.Signing.PrivateKey()
        let publicKey = try GRIPKey(pair.publicKey.pemRepresentation)
        let hs256 = try Self.token(GRIPTokenIssuer(key: secret, issuer: "pushpin"))
        let es256 = try Self.token(GRIPTokenIssuer(key: GRIPKey(pair.pemRepresentation), issuer: "pushpin"))
        return [
            try Self.verification("signature, verify HS256", hs256, with: secret, cacheCapacity: 0),
            try Self.verification("signature, verify ES256", es256, with: publicKey, cacheCapacity: 0),
            try Self.verification("signature, verify HS256 again", hs256, with: secret, cacheCapacity: 1024),
            try Self.verification("signature, verify ES256 again", es256, with: publicKey, cacheCapacity: 1024),
        ]
    }

    private static func token(_ issuer: GRIPTokenIssuer) throws -> String { try issuer.token().text }

    private static func verification(
        _ name: String,
        _ token: String,
        with key: GRIPKey,
        cacheCapacity: Int
    ) throws -> Step {
        let verifier = GRIPSignatureVerifier(
            keys: [try GRIPTrustedKey(key, issuer: "pushpin")],
            cacheCapacity: cacheCapacity
        )
        return Step(name) { sink(try verifier.verify(token)) }
    }
}
