import Crypto
import CryptoExtras
import GRIP
import GRIPSignature
import Testing

@Suite("A token that one side signs and the other verifies")
struct RoundTripTests {
    private func check(signing: String, verifying: String, _ location: SourceLocation = #_sourceLocation) throws {
        let token = try GRIPTokenIssuer(signing).token(now: .reference)
        let verified = try GRIPSignatureVerifier(verifying, issuer: "pushpin").verify(token.text, now: .reference)
        #expect(verified.issuer == "pushpin", sourceLocation: location)
        #expect(verified.expiry == token.expiry, sourceLocation: location)
        #expect(verified.expiry == 1_800_003_600, sourceLocation: location)
    }

    @Test(
        "A shared secret, however short",
        arguments: [
            "x", "changeme", "base64:Y2hhbmdlbWU=", "base64:Y2hhbmdlbWU", "base64:AA==", "gëhëim",
            String(repeating: "long", count: 100), #"{"kty":"oct","k":"Y2hhbmdlbWU"}"#,
        ]
    )
    func sharedSecrets(secret: String) throws {
        try self.check(signing: secret, verifying: secret)
    }

    @Test(
        "One secret in several forms is one secret",
        arguments: ["base64:Y2hhbmdlbWU=", #"{"kty":"oct","k":"Y2hhbmdlbWU"}"#, #" {"k":"Y2hhbmdlbWU=","kty":"oct"} "#]
    )
    func formsOfASecret(form: String) throws {
        try self.check(signing: "changeme", verifying: form)
        try self.check(signing: form, verifying: "changeme")
    }

    @Test(
        "A P-256 key in every form, of which the private ones verify as well",
        arguments: [ECKeys.privatePKCS8, ECKeys.privateSEC1, ECKeys.privateJWK],
        [ECKeys.publicSPKI, ECKeys.publicJWK, ECKeys.privatePKCS8, ECKeys.privateSEC1, ECKeys.privateJWK]
    )
    func p256(signing: String, verifying: String) throws {
        try self.check(signing: signing, verifying: verifying)
    }

    @Test(
        "An RSA key in every form, of which the private ones verify as well",
        arguments: [RSAKeys.privatePKCS8, RSAKeys.privatePKCS1, RSAKeys.privateJWK],
        [RSAKeys.publicSPKI, RSAKeys.publicPKCS1, RSAKeys.publicJWK, RSAKeys.privatePKCS8, RSAKeys.privateJWK]
    )
    func rsa(signing: String, verifying: String) throws {
        try self.check(signing: signing, verifying: verifying)
    }

    @Test("Generated P-256 keys")
    func generatedP256() throws {
        for _ in 0..<20 {
            let key = P256.Signing.PrivateKey()
            let raw = Array(key.publicKey.rawRepresentation)
            let jwk = """
                {"kty":"EC","crv":"P-256","x":"\(Forge.base64URL(Array(raw[..<32])))",\
                "y":"\(Forge.base64URL(Array(raw[32...])))"}
                """
            try self.check(signing: key.pemRepresentation, verifying: key.publicKey.pemRepresentation)
            try self.check(signing: key.pemRepresentation, verifying: jwk)
        }
    }

    @Test("Generated RSA keys", arguments: [2048, 3072])
    func generatedRSA(bits: Int) throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .init(bitCount: bits))
        try self.check(signing: key.pemRepresentation, verifying: key.publicKey.pemRepresentation)
        try self.check(signing: key.pkcs8PEMRepresentation, verifying: key.publicKey.pkcs1PEMRepresentation)
    }

    @Test(
        "A PEM block on one line, with CRLF, in Base64 or between white space",
        arguments: [ECKeys.privatePKCS8, ECKeys.privateSEC1, RSAKeys.privatePKCS8, RSAKeys.privatePKCS1]
    )
    func spellingsOfPEM(pem: String) throws {
        let encoded = String(decoding: Base64.encode(pem.utf8), as: UTF8.self)
        let lines = pem.split(separator: "\n")
        let forms = [
            lines.joined(separator: "\\n"), lines.joined(separator: "\\n") + "\\n", lines.joined(separator: "\r\n"),
            "base64:\(encoded)", "\n  \(pem)\n\n",
        ]
        for form in forms { try self.check(signing: form, verifying: form) }
    }

    @Test("A SEC1 key as OpenSSL generates it, after a block with the name of the curve")
    func curveBeforeKey() throws {
        let curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
        let pem = curve + ECKeys.privateSEC1
        try self.check(signing: pem, verifying: ECKeys.publicSPKI)
        try self.check(signing: pem.replacing("\n", with: "\\n"), verifying: ECKeys.publicSPKI)
        #expect(throws: GRIPError.self) { try GRIPTrustedKey(GRIPKey(curve)) }
    }

    @Test(
        "Another key of the same kind did not make the signature",
        arguments: [
            ("changeme", "changeyou"), ("x", "y"), (ECKeys.privatePKCS8, ECKeys.otherPublicSPKI),
        ]
    )
    func otherKeys(signing: String, verifying: String) throws {
        let token = try GRIPTokenIssuer(signing).token(now: .reference)
        #expect(try GRIPSignatureVerifier(verifying).refusal(of: token.text) == .signatureMismatch)
    }

    @Test("Another RSA key did not make the signature")
    func otherRSAKey() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let token = try GRIPTokenIssuer(key.pemRepresentation).token(now: .reference)
        #expect(try GRIPSignatureVerifier(RSAKeys.publicSPKI).refusal(of: token.text) == .signatureMismatch)
    }
}
