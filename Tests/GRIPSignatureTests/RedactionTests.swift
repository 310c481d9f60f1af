import GRIP
import GRIPSignature
import Testing

@Suite("What is printed holds no secret")
struct RedactionTests {
    /// What a programmer may print of a value.
    private static func prints(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var boxed = ""
        dump(["value": value as Any], to: &boxed)
        return ["\(value)", String(describing: value), String(reflecting: value), "\([value])", dumped, boxed]
    }

    /// Whether a text shows bytes as text, in hexadecimal, in Base64 or as a list of numbers.
    private static func reveals(_ text: String, _ secret: [UInt8]) -> Bool {
        let digits = Array("0123456789abcdef")
        let hexadecimal = String(secret.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        let spellings = [
            String(decoding: secret, as: UTF8.self), hexadecimal, Forge.base64URL(secret),
            String(decoding: Base64.encode(secret), as: UTF8.self),
        ]
        if spellings.contains(where: { text.lowercased().contains($0.lowercased()) }) { return true }
        let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { UInt8($0) }
        return numbers.contains(secret.prefix(8))
    }

    private static let secret = "correct horse battery staple"

    @Test("The search for secrets finds them")
    func search() throws {
        let bytes = Array(Self.secret.utf8)
        #expect(Self.prints(Self.secret).allSatisfy { Self.reveals($0, bytes) })
        #expect(Self.prints(bytes).allSatisfy { Self.reveals($0, bytes) })
        #expect(!Self.reveals("correct", bytes))
    }

    @Test("A shared secret")
    func sharedSecret() throws {
        let bytes = Array(Self.secret.utf8)
        let key = try GRIPKey(Self.secret)
        let issuer = try GRIPTokenIssuer(key: key, issuer: "pushpin")
        let cache = GRIPTokenCache(issuer)
        let token = try cache.token(now: .reference)
        let trusted = try GRIPTrustedKey(key, issuer: "pushpin")
        let verifier = GRIPSignatureVerifier(keys: [trusted])
        let verified = try verifier.verify(token.text, now: .reference)
        let values: [Any] = [key, issuer, cache, token, trusted, verifier, verified]
        let signature = try #require(token.text.split(separator: ".").last)
        for value in values {
            for text in Self.prints(value) {
                #expect(!Self.reveals(text, bytes), "\(type(of: value))")
                #expect(!text.contains(signature), "\(type(of: value))")
            }
        }
    }

    @Test(
        "Private keys",
        arguments: [ECKeys.privatePKCS8, ECKeys.privateJWK, RSAKeys.privatePKCS8, RSAKeys.privateJWK]
    )
    func privateKeys(text: String) throws {
        // The number that makes the key private.
        let isRSA = text == RSAKeys.privatePKCS8 || text == RSAKeys.privateJWK
        let json = try JSONValue(parsing: isRSA ? RSAKeys.privateJWK : ECKeys.privateJWK)
        let secret = try #require(Base64.decode((json["d"]?.string ?? "").utf8))
        let key = try GRIPKey(text)
        let values: [Any] = [
            key, try GRIPTokenIssuer(key: key, issuer: "pushpin"), try GRIPTrustedKey(key),
            GRIPSignatureVerifier(keys: [try GRIPTrustedKey(key)]),
        ]
        for value in values {
            for printed in Self.prints(value) { #expect(!Self.reveals(printed, secret), "\(type(of: value))") }
        }
    }

    @Test("A token says only when it expires")
    func token() throws {
        let token = try GRIPTokenIssuer("changeme").token(now: .reference)
        #expect(token.description == "GRIPToken(redacted, expires: 1800003600)")
        #expect(String(reflecting: token) == token.description)
        #expect(Mirror(reflecting: token).children.isEmpty)
    }

    @Test("Errors name neither tokens nor keys")
    func errors() throws {
        let verifier = try GRIPSignatureVerifier(Self.secret, issuer: "pushpin")
        let tokens = [
            PyJWTTokens.hs256, PyJWTTokens.es256,
            Forge.hs256(claims: #"{"exp":1,"iss":"pushpin"}"#, secret: Self.secret),
            Forge.hs256(claims: #"{"exp":4102444800,"iss":"leaked-issuer"}"#, secret: Self.secret), "leaked.token.text",
            Forge.hs256(claims: "{}", secret: Self.secret),
            Forge.hs256(claims: #"{"exp":4102444800,"nbf":4102444000,"iss":"pushpin"}"#, secret: Self.secret),
            String(repeating: "leaked", count: 2000),
        ]
        var codes: Set<GRIPSignatureError.Code> = []
        for token in tokens {
            let error = try #require(throws: GRIPSignatureError.self) { try verifier.verify(token, now: .reference) }
            codes.insert(error.code)
            for text in Self.prints(error) {
                #expect(!Self.reveals(text, Array(Self.secret.utf8)))
                #expect(!text.contains("leaked") && !text.contains("eyJ"))
            }
        }
        #expect(codes.count == 8)
    }

    @Test(
        "Errors about keys do not quote them",
        arguments: [
            #"{"kty":"leaked"}"#, #"{"kty":"oct","k":"leaked!"}"#, "{leaked", #"{"kty":"EC","crv":"leaked"}"#,
            "-----BEGIN leaked", #"{"kty":"RSA","n":"leaked","e":"leaked","d":"leaked"}"#,
        ]
    )
    func keyErrors(text: String) throws {
        let error = try #require(throws: GRIPError.self) { try GRIPTrustedKey(GRIPKey(text)) }
        #expect(Self.prints(error).allSatisfy { !$0.contains("leaked") })
    }

    @Test("Codes are words fit for a metric label, and descriptions are sentences")
    func codes() {
        let codes: [GRIPSignatureError.Code] = [
            .tooLong, .malformed, .algorithmNotAllowed, .signatureMismatch, .missingExpiry, .expired, .notYetValid,
            .issuerMismatch,
        ]
        #expect(Set(codes.map(\.description)).count == 8)
        #expect(codes.allSatisfy { $0.description.allSatisfy { $0.isASCII && $0.isLetter } })
    }
}
