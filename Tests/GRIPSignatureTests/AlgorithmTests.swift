import Crypto
import GRIP
import GRIPSignature
import Testing

@Suite("The algorithm follows from the key")
struct AlgorithmTests {
    private static let claims = #"{"exp":1800000600,"iss":"pushpin"}"#

    @Test(
        "A public key is no shared secret",
        arguments: [
            ECKeys.publicSPKI, ECKeys.publicJWK, RSAKeys.publicSPKI, RSAKeys.publicPKCS1, RSAKeys.publicJWK,
        ]
    )
    func publicKeyAsSecret(key: String) throws {
        let verifier = try GRIPSignatureVerifier(key)
        for secret in [key, key + "\n"] {
            let forged = Forge.hs256(claims: Self.claims, secret: secret)
            #expect(verifier.refusal(of: forged) == .algorithmNotAllowed)
            // The same under the name of the key's own algorithm.
            let algorithm = key.contains("EC") || key == ECKeys.publicSPKI ? "ES256" : "RS256"
            let renamed = Forge.hs256(header: "{\"alg\":\"\(algorithm)\"}", claims: Self.claims, secret: secret)
            #expect(verifier.refusal(of: renamed) == .signatureMismatch)
        }
        #expect(verifier.checkedSignatureCount == 2)
    }

    @Test(
        "No other algorithm is known, whatever the signature says",
        arguments: [
            "none", "None", "NONE", "", "HS384", "HS512", "hs256", "Hs256", "HS256 ", "es256", "ES384", "ES512",
            "RS384", "RS512", "PS256", "EdDSA", "HS256\u{0}",
        ]
    )
    func otherAlgorithms(name: String) throws {
        let keys = try ["changeme", ECKeys.publicSPKI, RSAKeys.publicSPKI].map { try GRIPTrustedKey(GRIPKey($0)) }
        let verifier = GRIPSignatureVerifier(keys: keys)
        let escaped = name.replacing("\u{0}", with: "\\u0000")
        let token = Forge.hs256(header: "{\"alg\":\"\(escaped)\",\"typ\":\"JWT\"}", claims: Self.claims)
        #expect(verifier.refusal(of: token) == .algorithmNotAllowed)
        #expect(verifier.checkedSignatureCount == 0)
    }

    @Test("A token without a signature is none", arguments: ["none", "HS256"])
    func noSignature(algorithm: String) throws {
        let header = Forge.base64URL(Array("{\"alg\":\"\(algorithm)\"}".utf8))
        let claims = Forge.base64URL(Array(Self.claims.utf8))
        let verifier = try GRIPSignatureVerifier("changeme")
        #expect(verifier.refusal(of: "\(header).\(claims).") == .malformed)
        #expect(verifier.refusal(of: "\(header).\(claims)") == .malformed)
    }

    @Test(
        "A token of one kind does not pass a key of another",
        arguments: [
            (PyJWTTokens.es256, RSAKeys.publicSPKI), (PyJWTTokens.es256, "changeme"),
            (PyJWTTokens.rs256, ECKeys.publicSPKI), (PyJWTTokens.rs256, "changeme"),
            (PyJWTTokens.hs256, ECKeys.publicSPKI), (PyJWTTokens.hs256, RSAKeys.publicSPKI),
        ]
    )
    func otherKinds(token: String, key: String) throws {
        #expect(try GRIPSignatureVerifier(key).refusal(of: token) == .algorithmNotAllowed)
    }

    @Test("Without keys nothing verifies")
    func noKeys() {
        let verifier = GRIPSignatureVerifier(keys: [])
        #expect(verifier.refusal(of: PyJWTTokens.hs256) == .algorithmNotAllowed)
    }

    @Test("The key in a header is not believed", arguments: ["jwk", "jku", "x5u", "kid"])
    func keyInHeader(member: String) throws {
        let header = "{\"alg\":\"HS256\",\"\(member)\":{\"kty\":\"oct\",\"k\":\"YXR0YWNrZXI\"}}"
        let verifier = try GRIPSignatureVerifier("changeme")
        let forged = Forge.hs256(header: header, claims: Self.claims, secret: "attacker")
        #expect(verifier.refusal(of: forged) == .signatureMismatch)
        #expect(verifier.refusal(of: Forge.hs256(header: header, claims: Self.claims)) == nil)
    }

    @Test("An ES256 signature is of 64 bytes; the DER form and zeros are none")
    func formsOfECDSA() throws {
        let key = try P256.Signing.PrivateKey(pemRepresentation: ECKeys.privatePKCS8)
        let header = Forge.base64URL(Array(#"{"alg":"ES256"}"#.utf8))
        let message = "\(header).\(Forge.base64URL(Array(Self.claims.utf8)))"
        let signature = try key.signature(for: Array(message.utf8))
        let raw = Array(signature.rawRepresentation)
        let verifier = try GRIPSignatureVerifier(ECKeys.publicSPKI)
        #expect(verifier.refusal(of: "\(message).\(Forge.base64URL(raw))") == nil)
        let wrong = [
            Array(signature.derRepresentation), [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xFF, count: 64),
            Array(raw.dropLast()), raw + [0], [0], Array(raw.reversed()),
            Array(raw[..<32]) + [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32) + Array(raw[32...]),
        ]
        for signature in wrong {
            #expect(verifier.refusal(of: "\(message).\(Forge.base64URL(signature))") == .signatureMismatch)
        }
    }

    @Test("A part of an HMAC is none")
    func truncatedHMAC() throws {
        let parts = Forge.hs256(claims: Self.claims).split(separator: ".")
        let code = try #require(Base64.decode(parts[2].utf8))
        let verifier = try GRIPSignatureVerifier("changeme")
        for length in 1..<code.count {
            let part = Forge.base64URL(Array(code[..<length]))
            #expect(verifier.refusal(of: "\(parts[0]).\(parts[1]).\(part)") == .signatureMismatch)
        }
        let more = Forge.base64URL(code + [0])
        #expect(verifier.refusal(of: "\(parts[0]).\(parts[1]).\(more)") == .signatureMismatch)
    }
}
