import GRIP
import GRIPSignature
import Testing

@Suite("The time in which a token is valid")
struct ValidityTests {
    @Test(
        "A token without a usable expiry is refused",
        arguments: [
            #"{"iss":"pushpin"}"#, #"{}"#, #"{"exp":"4102444800"}"#, #"{"exp":null}"#, #"{"exp":true}"#,
            #"{"exp":[4102444800]}"#, #"{"exp":{}}"#, #"{"EXP":4102444800}"#, #"{"exp":1e300}"#,
            #"{"exp":99999999999999999999999}"#, #"{"exp":-1e300}"#, #"{"exp":9223372036854775808}"#,
        ]
    )
    func unusableExpiry(claims: String) throws {
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: Forge.hs256(claims: claims)) == .missingExpiry)
    }

    @Test(
        "Any number far enough in the future will do",
        arguments: [
            (#"{"exp":9223372036854775807}"#, Int64.max), (#"{"exp":1800000001}"#, 1_800_000_001),
            (#"{"exp":4102444800.5}"#, 4_102_444_800), (#"{"exp":4.1024448e9}"#, 4_102_444_800),
        ]
    )
    func futureExpiry(claims: String, expiry: Int64) throws {
        for leeway in [Duration.zero, .seconds(60), .seconds(Int64.max)] {
            let verifier = try GRIPSignatureVerifier("changeme", leeway: leeway)
            let verified = try verifier.verify(Forge.hs256(claims: claims), now: .reference)
            #expect(verified.expiry.secondsSince1970 == expiry)
            #expect(verified.issuer == nil)
        }
    }

    @Test(
        "A token of the past is refused",
        arguments: [
            #"{"exp":1800000000}"#, #"{"exp":1799999999}"#, #"{"exp":0}"#, #"{"exp":-0}"#, #"{"exp":-1}"#,
            #"{"exp":-9223372036854775808}"#, #"{"exp":1800000000.9}"#, #"{"exp":1e-9}"#, #"{"exp":-4102444800.5}"#,
        ]
    )
    func pastExpiry(claims: String) throws {
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: Forge.hs256(claims: claims)) == .expired)
        let patient = try GRIPSignatureVerifier("changeme", leeway: .seconds(1))
        let isRecent = claims.hasPrefix(#"{"exp":1800000000"#)
        #expect(patient.refusal(of: Forge.hs256(claims: claims)) == (isRecent ? nil : .expired))
    }

    @Test(
        "Leeway counts to the second",
        arguments: [
            (Duration.zero, Int64(-1)), (.seconds(1), 0), (.seconds(30), 29), (.milliseconds(30999), 29),
        ]
    )
    func leewayAfterExpiry(leeway: Duration, last: Int64) throws {
        let token = Forge.hs256(claims: #"{"exp":1800000000}"#)
        for capacity in [0, 16] {
            let verifier = try GRIPSignatureVerifier("changeme", leeway: leeway, cacheCapacity: capacity)
            func refusal(_ offset: Int64) -> GRIPSignatureError.Code? {
                verifier.refusal(of: token, now: GRIPTimestamp(secondsSince1970: 1_800_000_000 + offset))
            }
            #expect(refusal(last) == nil)
            #expect(refusal(last + 1) == .expired)
            #expect(refusal(last) == nil)
        }
    }

    @Test(
        "A token is valid from its nbf on, and by the leeway earlier",
        arguments: [(Duration.zero, Int64(0)), (.seconds(1), -1), (.seconds(30), -30), (.milliseconds(30999), -30)]
    )
    func leewayBeforeStart(leeway: Duration, first: Int64) throws {
        let token = Forge.hs256(claims: #"{"exp":4102444800,"nbf":1800000000}"#)
        for capacity in [0, 16] {
            let verifier = try GRIPSignatureVerifier("changeme", leeway: leeway, cacheCapacity: capacity)
            func refusal(_ offset: Int64) -> GRIPSignatureError.Code? {
                verifier.refusal(of: token, now: GRIPTimestamp(secondsSince1970: 1_800_000_000 + offset))
            }
            #expect(refusal(first - 1) == .notYetValid)
            #expect(refusal(first) == nil)
            #expect(refusal(first - 1) == .notYetValid)
        }
    }

    @Test(
        "An nbf that is no time is refused",
        arguments: [#""1""#, "null", "true", "[]", "1e300", "99999999999999999999999"]
    )
    func unusableStart(value: String) throws {
        let token = Forge.hs256(claims: "{\"exp\":4102444800,\"nbf\":\(value)}")
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: token) == .malformed)
    }

    @Test(
        "When and for whom a token was made does not matter",
        arguments: [
            #""iat":4102444000"#, #""iat":-1"#, #""iat":"never""#, #""aud":"other""#, #""aud":["a","b"]"#,
            #""aud":7"#, #""sub":null"#, #""jti":{}"#, #""nbf":-9223372036854775808"#, #""nbf":1799999999.5"#,
        ]
    )
    func otherClaims(claim: String) throws {
        let token = Forge.hs256(claims: "{\"exp\":4102444800,\(claim)}")
        #expect(try GRIPSignatureVerifier("changeme").refusal(of: token) == nil)
    }
}
