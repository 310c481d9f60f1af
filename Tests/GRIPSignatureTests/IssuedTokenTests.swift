import GRIP
import GRIPSignature
import Testing

@Suite("The tokens an issuer makes")
struct IssuedTokenTests {
    @Test(
        "The header is the type and the algorithm, the claims are the expiry and the issuer, and nothing else",
        arguments: [
            ("changeme", "HS256"), (ECKeys.privatePKCS8, "ES256"), (RSAKeys.privatePKCS8, "RS256"),
        ]
    )
    func contents(key: String, algorithm: String) throws {
        let token = try GRIPTokenIssuer(key).token(now: .reference)
        #expect(
            Forge.contents(of: token.text) == [
                "{\"typ\":\"JWT\",\"alg\":\"\(algorithm)\"}", #"{"exp":1800003600,"iss":"pushpin"}"#,
            ]
        )
        #expect(token.text.split(separator: ".").count == 3)
        #expect(!token.text.contains("="))
    }

    @Test("Deterministic algorithms give the token that any implementation gives")
    func golden() throws {
        #expect(try GRIPTokenIssuer("changeme").token(now: .reference).text == ExpectedTokens.hs256)
        #expect(try GRIPTokenIssuer(RSAKeys.privatePKCS8).token(now: .reference).text == ExpectedTokens.rs256)
        #expect(try GRIPTokenIssuer(RSAKeys.privateJWK).token(now: .reference).text == ExpectedTokens.rs256)
    }

    @Test(
        "An issuer of any characters comes back as it was",
        arguments: ["", "a\"b\\c\n", "fastly:Ünïcödé 🎈", "\u{0}"]
    )
    func issuerEscaping(name: String) throws {
        let issuer = try GRIPTokenIssuer(key: GRIPKey("changeme"), issuer: name)
        let token = try issuer.token(now: .reference)
        let verified = try GRIPSignatureVerifier("changeme", issuer: name).verify(token.text, now: .reference)
        #expect(verified.issuer == name)
    }

    @Test("The lifetime is an hour unless told otherwise, and whole seconds")
    func lifetime() throws {
        #expect(try GRIPTokenIssuer(key: GRIPKey("x"), issuer: "i").lifetime == .seconds(3600))
        let cases: [(Duration, GRIPTimestamp)] = [
            (.seconds(1), 1_800_000_001), (.milliseconds(2999), 1_800_000_002), (.zero, 1_800_000_000),
            (.seconds(86400 * 365), 1_831_536_000),
        ]
        for (lifetime, expiry) in cases {
            #expect(try GRIPTokenIssuer("x", lifetime: lifetime).token(now: .reference).expiry == expiry)
        }
    }

    @Test("A lifetime beyond all bounds ends at the bound")
    func endlessLifetime() throws {
        let token = try GRIPTokenIssuer("x", lifetime: .seconds(Int64.max)).token(now: .reference)
        #expect(token.expiry == GRIPTimestamp(secondsSince1970: .max))
        #expect(try GRIPSignatureVerifier("x").refusal(of: token.text) == nil)
    }

    @Test(
        "A public key cannot sign",
        arguments: [
            ECKeys.publicSPKI, ECKeys.publicJWK, RSAKeys.publicSPKI, RSAKeys.publicPKCS1, RSAKeys.publicJWK,
        ]
    )
    func publicKeys(key: String) throws {
        let error = #expect(throws: GRIPError.self) { try GRIPTokenIssuer(key) }
        #expect(error?.code == .key)
        #expect(error?.reason == "a public key cannot sign; give the private one")
    }

    @Test("The present is now")
    func present() throws {
        let before = GRIPTimestamp.now
        let token = try GRIPTokenIssuer("x").token()
        #expect(token.expiry.secondsSince1970 - before.secondsSince1970 - 3600 <= 60)
        #expect(token.expiry.secondsSince1970 - before.secondsSince1970 >= 3600)
        try GRIPSignatureVerifier("x").verify(token.text)
    }
}
