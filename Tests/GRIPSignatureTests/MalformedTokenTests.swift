import GRIP
import GRIPSignature
import Testing

@Suite("Text that is no token")
struct MalformedTokenTests {
    private static let claims = #"{"exp":4102444800}"#

    @Test(
        "The wrong number or kind of parts",
        arguments: [
            "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", " ", "\u{0}", "Bearer x", "🎈.🎈.🎈",
            PyJWTTokens.hs256 + ".", "." + PyJWTTokens.hs256, PyJWTTokens.hs256 + ".AAAA", PyJWTTokens.hs256 + " ",
            " " + PyJWTTokens.hs256, PyJWTTokens.hs256 + "\n", "Bearer " + PyJWTTokens.hs256, PyJWTTokens.hs256 + "=",
            PyJWTTokens.hs256.replacing(".", with: ".."), PyJWTTokens.hs256.replacing(".", with: "\n."),
            "e30." + PyJWTTokens.hs256, "e30.e30.AA", "W10.e30.AA", "bnVsbA.e30.AA",
        ]
    )
    func structure(token: String) throws {
        let verifier = try GRIPSignatureVerifier("changeme")
        #expect(verifier.refusal(of: token) == .malformed)
        // A right token in the cache does not help a wrong one.
        try verifier.verify(PyJWTTokens.hs256, now: .reference)
        #expect(verifier.refusal(of: token) == .malformed)
        #expect(verifier.checkedSignatureCount == 1)
    }

    @Test(
        "A header that is no object with an algorithm",
        arguments: [
            "", "null", "[]", "7", #""HS256""#, "{}", #"{"alg":null}"#, #"{"alg":["HS256"]}"#, #"{"alg":"HS256""#,
            #"{"alg":"HS256"}x"#, #"{'alg':'HS256'}"#, #"{"Alg":"HS256"}"#, #"{"alg":"HS256",}"#,
        ]
    )
    func header(text: String) throws {
        let token = Forge.hs256(header: text, claims: Self.claims)
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: token) == .malformed)
    }

    @Test("A header that must be understood", arguments: [#"["exp"]"#, #"["b64"]"#, "[]", "null", #""exp""#])
    func critical(value: String) throws {
        let token = Forge.hs256(header: "{\"alg\":\"HS256\",\"crit\":\(value)}", claims: Self.claims)
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: token) == .malformed)
    }

    @Test("The type in the header does not matter", arguments: ["", #","typ":"at+jwt""#, #","typ":null"#, #","x":[]"#])
    func type(members: String) throws {
        let token = Forge.hs256(header: "{\"alg\":\"HS256\"\(members)}", claims: Self.claims)
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: token) == nil)
    }

    @Test("Claims that are no object, though signed", arguments: ["", "null", "[]", "7", "{", "\u{FEFF}{}", "{}{}"])
    func claims(text: String) throws {
        let token = Forge.hs256(claims: text)
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: token) == .malformed)
    }

    @Test("Claims are not read before the signature is found right")
    func claimsAfterSignature() throws {
        let verifier = try GRIPSignatureVerifier("changeme", issuer: "pushpin")
        for claims in ["{", "{}", #"{"exp":1,"iss":"other"}"#] {
            #expect(verifier.refusal(of: Forge.hs256(claims: claims, secret: "other")) == .signatureMismatch)
        }
    }

    @Test("Deeply nested JSON")
    func nesting() throws {
        for depth in [100, 3000] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let verifier = try GRIPSignatureVerifier("changeme")
            let inHeader = Forge.hs256(header: "{\"alg\":\"HS256\",\"x\":\(nested)}", claims: Self.claims)
            let inClaims = Forge.hs256(claims: "{\"exp\":4102444800,\"x\":\(nested)}")
            for token in [inHeader, inClaims] {
                let refusal = verifier.refusal(of: token)
                #expect(refusal == nil || refusal == .malformed || refusal == .tooLong)
            }
        }
    }

    @Test("A token of 8192 bytes is read, a longer one is not")
    func length() throws {
        let verifier = try GRIPSignatureVerifier("changeme")
        #expect(GRIPSignatureVerifier.maximumTokenLength == 8192)
        var lengths: Set<Int> = []
        for padding in 6000..<6200 {
            let claims = "{\"exp\":4102444800,\"x\":\"\(String(repeating: "x", count: padding))\"}"
            let token = Forge.hs256(claims: claims)
            guard (8188...8196).contains(token.utf8.count) else { continue }
            lengths.insert(token.utf8.count)
            #expect(verifier.refusal(of: token) == (token.utf8.count <= 8192 ? nil : .tooLong))
        }
        #expect(lengths.contains(8192))
        #expect(lengths.contains(8193) || lengths.contains(8194))
        #expect(verifier.refusal(of: String(repeating: "a", count: 10_000_000)) == .tooLong)
        #expect(verifier.refusal(of: String(repeating: ".", count: 8192)) == .malformed)
    }
}
