import GRIP
import GRIPSignature
import Testing

@Suite("The issuer that a key asks for")
struct IssuerTests {
    private static func token(_ issuer: String?, secret: String = "changeme") -> String {
        let claim = issuer.map { ",\"iss\":\($0)" } ?? ""
        return Forge.hs256(claims: "{\"exp\":4102444800\(claim)}", secret: secret)
    }

    @Test("The issuer matches letter by letter")
    func match() throws {
        let verifier = try GRIPSignatureVerifier("changeme", issuer: "fastly:abc")
        #expect(verifier.refusal(of: Self.token(#""fastly:abc""#)) == nil)
        for wrong in [
            #""fastly:abd""#, #""fastly:ABC""#, #""fastly:abc ""#, #""fastly:ab""#, #""fastly:""#, #""""#, "null", "7",
            #"["fastly:abc"]"#, nil,
        ] {
            #expect(verifier.refusal(of: Self.token(wrong)) == .issuerMismatch, "\(wrong ?? "none")")
        }
    }

    @Test("Letters that look alike are different letters")
    func lookalikes() throws {
        // U+212A KELVIN SIGN and K are canonically equivalent, as are the two spellings of é.
        let kelvin = try GRIPSignatureVerifier("changeme", issuer: "K")
        #expect(kelvin.refusal(of: Self.token("\"\u{212A}\"")) == .issuerMismatch)
        let accent = try GRIPSignatureVerifier("changeme", issuer: "\u{E9}")
        #expect(accent.refusal(of: Self.token("\"e\u{301}\"")) == .issuerMismatch)
        #expect(accent.refusal(of: Self.token("\"\u{E9}\"")) == nil)
    }

    @Test("Without a demand any issuer will do", arguments: [#""pushpin""#, #""""#, "null", "7", nil])
    func any(issuer: String?) throws {
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: Self.token(issuer)) == nil)
    }

    @Test("Two proxies may share a key and differ in the issuer")
    func sharedKey() throws {
        let key = try GRIPKey("changeme")
        let verifier = GRIPSignatureVerifier(keys: [
            try GRIPTrustedKey(key, issuer: "one"), try GRIPTrustedKey(key, issuer: "two"),
        ])
        #expect(verifier.refusal(of: Self.token(#""one""#)) == nil)
        #expect(verifier.refusal(of: Self.token(#""two""#)) == nil)
        #expect(verifier.refusal(of: Self.token(#""three""#)) == .issuerMismatch)
        #expect(verifier.refusal(of: Self.token(nil)) == .issuerMismatch)
    }

    @Test("The issuer of one key does not vouch for a token of another")
    func crossedIssuers() throws {
        let verifier = GRIPSignatureVerifier(keys: [
            try GRIPTrustedKey(GRIPKey("first"), issuer: "one"), try GRIPTrustedKey(GRIPKey("second"), issuer: "two"),
        ])
        #expect(verifier.refusal(of: Self.token(#""one""#, secret: "first")) == nil)
        #expect(verifier.refusal(of: Self.token(#""two""#, secret: "second")) == nil)
        #expect(verifier.refusal(of: Self.token(#""two""#, secret: "first")) == .issuerMismatch)
        #expect(verifier.refusal(of: Self.token(#""one""#, secret: "second")) == .issuerMismatch)
    }

    @Test("While one key replaces another both are believed")
    func rotation() throws {
        let tokens = ["old", "new"].map { Self.token(#""pushpin""#, secret: $0) }
        let cases: [([String], [GRIPSignatureError.Code?])] = [
            (["old"], [nil, .signatureMismatch]), (["old", "new"], [nil, nil]), (["new"], [.signatureMismatch, nil]),
        ]
        for (secrets, refusals) in cases {
            let keys = try secrets.map { try GRIPTrustedKey(GRIPKey($0), issuer: "pushpin") }
            let verifier = GRIPSignatureVerifier(keys: keys)
            #expect(tokens.map { verifier.refusal(of: $0) } == refusals)
        }
    }

    @Test("Keys of several kinds stand side by side")
    func mixture() throws {
        let keys = try ["changeme", ECKeys.publicSPKI, RSAKeys.publicSPKI].map {
            try GRIPTrustedKey(GRIPKey($0), issuer: "pushpin")
        }
        let verifier = GRIPSignatureVerifier(keys: keys)
        for token in [PyJWTTokens.hs256, PyJWTTokens.es256, PyJWTTokens.rs256] {
            #expect(verifier.refusal(of: token) == nil)
        }
        #expect(verifier.checkedSignatureCount == 3)
    }
}
