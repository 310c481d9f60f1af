import GRIP
import GRIPSignature
import Testing

@Suite("Tokens that PyJWT made")
struct PyJWTTests {
    @Test(
        "Each algorithm verifies",
        arguments: [
            (PyJWTTokens.hs256, "changeme"), (PyJWTTokens.es256, ECKeys.publicSPKI),
            (PyJWTTokens.es256, ECKeys.publicJWK), (PyJWTTokens.rs256, RSAKeys.publicSPKI),
            (PyJWTTokens.rs256, RSAKeys.publicJWK), (PyJWTTokens.manyClaims, "changeme"),
        ]
    )
    func verifies(token: String, key: String) throws {
        let verified = try GRIPSignatureVerifier(key, issuer: "pushpin").verify(token)
        #expect(verified.issuer == "pushpin")
        #expect(verified.expiry == 4_102_444_800)
    }

    @Test("A fraction of a second in the expiry is cut off")
    func fractionalExpiry() throws {
        let verifier = try GRIPSignatureVerifier("changeme")
        #expect(try verifier.verify(PyJWTTokens.fractionalExpiry).expiry == 4_102_444_800)
        #expect(verifier.refusal(of: PyJWTTokens.fractionalExpiry, now: 4_102_444_799) == nil)
        #expect(verifier.refusal(of: PyJWTTokens.fractionalExpiry, now: 4_102_444_800) == .expired)
    }

    @Test("Their time ends too", arguments: [PyJWTTokens.hs256, PyJWTTokens.es256, PyJWTTokens.rs256])
    func expires(token: String) throws {
        let keys = try ["changeme", ECKeys.publicSPKI, RSAKeys.publicSPKI].map { try GRIPTrustedKey(GRIPKey($0)) }
        let verifier = GRIPSignatureVerifier(keys: keys)
        #expect(verifier.refusal(of: token, now: 4_102_444_799) == nil)
        #expect(verifier.refusal(of: token, now: 4_102_444_800) == .expired)
    }
}
