import GRIP
import GRIPSignature
import Testing

@Suite("Keys that do not load")
struct KeyLoadingTests {
    private func reason(of key: String) throws -> String {
        let key = try GRIPKey(key)
        let trusted = #expect(throws: GRIPError.self) { try GRIPTrustedKey(key) }
        let issuing = #expect(throws: GRIPError.self) { try GRIPTokenIssuer(key: key, issuer: "i") }
        #expect(trusted?.code == .key)
        #expect(trusted == issuing)
        return trusted?.reason ?? ""
    }

    @Test("The key of Fastly Fanout is a P-256 key")
    func fastly() throws {
        let verifier = GRIPSignatureVerifier(keys: [try GRIPTrustedKey(.fastlyFanout, issuer: "fastly:abc")])
        #expect(verifier.refusal(of: PyJWTTokens.es256) == .signatureMismatch)
        #expect(verifier.refusal(of: PyJWTTokens.rs256) == .algorithmNotAllowed)
        #expect(verifier.refusal(of: PyJWTTokens.hs256) == .algorithmNotAllowed)
    }

    @Test(
        "PEM blocks that hold no key of use",
        arguments: [
            ECKeys.p384PublicSPKI, ECKeys.p384PrivatePKCS8, RSAKeys.shortPublicSPKI, RSAKeys.shortPrivatePKCS8,
            "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "-----BEGIN X",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----",
            ECKeys.publicSPKI.replacing("END PUBLIC", with: "END PRIVATE"),
            ECKeys.publicSPKI.replacing("PUBLIC KEY", with: "CERTIFICATE"),
            String(ECKeys.publicSPKI.dropLast(40)), String(RSAKeys.privatePKCS8.prefix(900)),
        ]
    )
    func badPEM(pem: String) throws {
        #expect(
            try self.reason(of: pem) == "the PEM block is neither a P-256 nor an RSA key of at least 2048 bits"
        )
    }

    @Test(
        "JSON Web Keys of the wrong kind or without what they need",
        arguments: [
            ("{}", "kty"), (#"{"kty":7}"#, "kty"), (#"{"kty":"OKP","crv":"Ed25519"}"#, "kty"),
            (#"{"kty":"ec"}"#, "kty"), (#"{"kty":"oct"}"#, "'k'"), (#"{"kty":"oct","k":7}"#, "'k'"),
            (#"{"kty":"oct","k":""}"#, "'k'"), (#"{"kty":"oct","k":"!"}"#, "'k'"), (#"{"kty":"EC"}"#, "P-256"),
            (#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, "P-256"), (ECKeys.p384JWK, "P-256"),
            (#"{"kty":"EC","crv":"P-256","x":"AA"}"#, "'y'"),
            (#"{"kty":"EC","crv":"P-256","x":"A","y":"AA"}"#, "'x'"),
            (#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, "P-256"), (#"{"kty":"RSA"}"#, "'n'"),
            (#"{"kty":"RSA","n":"AQAB"}"#, "'e'"), (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, "2048 bits"),
            (#"{"kty":"RSA","n":"AA","e":"AA"}"#, "2048 bits"), (RSAKeys.shortJWK, "2048 bits"),
            (ECKeys.publicJWK.replacing("P-256", with: "P-384"), "P-256"),
        ]
    )
    func badJWK(json: String, hint: String) throws {
        let reason = try self.reason(of: json)
        #expect(reason.contains(hint), "\(reason)")
    }

    @Test("Text that begins like a JSON Web Key and is no JSON", arguments: ["{", #"{"kty":"oct",}"#, "{} {}", "{a}"])
    func noJSON(text: String) throws {
        #expect(try self.reason(of: text) == "the JSON Web Key is not JSON")
    }

    @Test("Numbers that do not belong together")
    func mixedNumbers() throws {
        #expect(try self.reason(of: ECKeys.mixedJWK).contains("P-256"))
        // Another y, so that the point is not on the curve; and one number in the place of another.
        for json in [
            ECKeys.publicJWK.replacing(#""y":"l"#, with: #""y":"m"#), ECKeys.publicJWK.replacing("x", with: "z"),
            ECKeys.privateJWK.replacing(#""d":""#, with: #""d":"AAAA"#),
        ] {
            #expect(try self.reason(of: json).contains("JSON Web Key"))
        }
        let json = try JSONValue(parsing: RSAKeys.privateJWK)
        let numbers = ["n", "e", "d", "p", "q"].map { json[$0]?.string ?? "" }
        for (place, other) in [(0, 2), (2, 0), (2, 3), (3, 2), (3, 4), (4, 3)] {
            var mixed = numbers
            mixed[place] = numbers[other]
            let key = """
                {"kty":"RSA","n":"\(mixed[0])","e":"\(mixed[1])","d":"\(mixed[2])","p":"\(mixed[3])","q":"\(mixed[4])"}
                """
            #expect(try self.reason(of: key).contains("RSA"), "\(place) \(other)")
        }
    }

    @Test("Mutilated keys never crash, whatever they load as")
    func mutilation() throws {
        var random = SplitMix64(seed: 7)
        let whole = [
            ECKeys.publicSPKI, ECKeys.privateSEC1, ECKeys.privateJWK, RSAKeys.publicSPKI, RSAKeys.publicJWK,
            RSAKeys.shortJWK,
        ]
        for index in 0..<600 {
            var bytes = Array(whole[index % whole.count].utf8)
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let position = Int.random(in: 12..<bytes.count, using: &random)
                bytes[position] = "AZaz09+/-_=\"{},".utf8.randomElement(using: &random)!
            }
            let key = try GRIPKey(String(decoding: bytes, as: UTF8.self))
            do {
                _ = try GRIPTrustedKey(key)
            } catch {
                #expect(error.code == .key)
            }
        }
    }
}
