import GRIP
import GRIPSignature
import Testing

@Suite("The cache of verified tokens")
struct VerifierCacheTests {
    private static func token(_ number: Int, expiry: Int = 4_102_444_800) -> String {
        Forge.hs256(claims: "{\"exp\":\(expiry),\"jti\":\(number)}")
    }

    @Test(
        "A token that was verified is not verified again",
        arguments: [
            (PyJWTTokens.hs256, "changeme"), (PyJWTTokens.es256, ECKeys.publicSPKI),
            (PyJWTTokens.rs256, RSAKeys.publicSPKI),
        ]
    )
    func hit(token: String, key: String) throws {
        let verifier = try GRIPSignatureVerifier(key)
        #expect(verifier.checkedSignatureCount == 0)
        let first = try verifier.verify(token, now: .reference)
        #expect(verifier.checkedSignatureCount == 1)
        for _ in 0..<10 { #expect(try verifier.verify(token, now: .reference) == first) }
        #expect(verifier.checkedSignatureCount == 1)
        // The same letters in another piece of memory.
        #expect(try verifier.verify(String(decoding: Array(token.utf8), as: UTF8.self), now: .reference) == first)
        #expect(verifier.checkedSignatureCount == 1)
    }

    @Test("A remembered token expires all the same")
    func expiry() throws {
        let token = Self.token(1, expiry: 1_800_000_100)
        for (leeway, end) in [(Duration.zero, Int64(1_800_000_100)), (.seconds(30), 1_800_000_130)] {
            let verifier = try GRIPSignatureVerifier("changeme", leeway: leeway)
            #expect(verifier.refusal(of: token) == nil)
            #expect(verifier.refusal(of: token, now: GRIPTimestamp(secondsSince1970: end - 1)) == nil)
            #expect(verifier.refusal(of: token, now: GRIPTimestamp(secondsSince1970: end)) == .expired)
            #expect(verifier.refusal(of: token, now: GRIPTimestamp(secondsSince1970: .max)) == .expired)
            #expect(verifier.refusal(of: token) == nil)
            #expect(verifier.checkedSignatureCount == 1)
        }
    }

    @Test("Bad tokens are not remembered")
    func failures() throws {
        let verifier = try GRIPSignatureVerifier("changeme", issuer: "pushpin")
        let cases: [(String, GRIPSignatureError.Code)] = [
            (Forge.hs256(claims: #"{"exp":4102444800,"iss":"pushpin"}"#, secret: "x"), .signatureMismatch),
            (Forge.hs256(claims: #"{"exp":1,"iss":"pushpin"}"#), .expired),
            (Forge.hs256(claims: #"{"exp":4102444800,"nbf":4102444000,"iss":"pushpin"}"#), .notYetValid),
            (Forge.hs256(claims: #"{"exp":4102444800}"#), .issuerMismatch),
            (Forge.hs256(claims: #"{"iss":"pushpin"}"#), .missingExpiry),
        ]
        for (number, (token, refusal)) in cases.enumerated() {
            for _ in 0..<3 { #expect(verifier.refusal(of: token) == refusal) }
            #expect(verifier.checkedSignatureCount == (number + 1) * 3)
        }
    }

    @Test("Bad tokens do not displace good ones")
    func flood() throws {
        let verifier = try GRIPSignatureVerifier("changeme", cacheCapacity: 1)
        try verifier.verify(Self.token(0), now: .reference)
        for number in 1...50 {
            let forged = Forge.hs256(claims: "{\"exp\":4102444800,\"jti\":\(number)}", secret: "x")
            #expect(verifier.refusal(of: forged) == .signatureMismatch)
        }
        try verifier.verify(Self.token(0), now: .reference)
        #expect(verifier.checkedSignatureCount == 51)
    }

    @Test("The oldest goes first, however often it is used")
    func eviction() throws {
        let verifier = try GRIPSignatureVerifier("changeme", cacheCapacity: 3)
        func isRemembered(_ number: Int) throws -> Bool {
            let before = verifier.checkedSignatureCount
            try verifier.verify(Self.token(number), now: .reference)
            return verifier.checkedSignatureCount == before
        }
        // Each that is not remembered takes the place of the oldest.
        let steps: [(Int, Bool)] = [
            (1, false), (2, false), (3, false), (1, true), (2, true), (3, true), (1, true),
            (4, false), (2, true), (3, true), (4, true), (1, false), (3, true), (2, false), (4, true), (1, true),
            (3, false), (4, false), (2, true), (1, false),
        ]
        for (step, (number, isKnown)) in steps.enumerated() {
            #expect(try isRemembered(number) == isKnown, "step \(step)")
        }
    }

    @Test("No more than its capacity is remembered", arguments: [1, 2, 7, 64])
    func bound(capacity: Int) throws {
        let verifier = try GRIPSignatureVerifier("changeme", cacheCapacity: capacity)
        let tokens = (0..<200).map { Self.token($0) }
        for token in tokens { try verifier.verify(token, now: .reference) }
        #expect(verifier.checkedSignatureCount == 200)
        // The last ones are there and asking for them changes nothing.
        for token in tokens.suffix(capacity) { try verifier.verify(token, now: .reference) }
        #expect(verifier.checkedSignatureCount == 200)
        for token in tokens.dropLast(capacity) { try verifier.verify(token, now: .reference) }
        #expect(verifier.checkedSignatureCount == 400 - capacity)
    }

    @Test("Without a capacity each token is verified each time", arguments: [0, -1, Int.min])
    func noCapacity(capacity: Int) throws {
        let verifier = try GRIPSignatureVerifier("changeme", cacheCapacity: capacity)
        for count in 1...5 {
            #expect(verifier.refusal(of: PyJWTTokens.hs256) == nil)
            #expect(verifier.checkedSignatureCount == count)
        }
    }

    @Test("A look-alike of a remembered token is not that token")
    func lookalike() throws {
        // Swift takes U+212A KELVIN SIGN and K for the same letter when it compares text.
        let token = try #require((0..<100).map { Self.token($0) }.first { $0.contains("K") })
        let lookalike = token.replacing("K", with: "\u{212A}")
        let verifier = try GRIPSignatureVerifier("changeme")
        #expect(verifier.refusal(of: lookalike) == .malformed)
        try verifier.verify(token, now: .reference)
        #expect(verifier.refusal(of: lookalike) == .malformed)
    }

    @Test("Many tasks at once share the cache", arguments: [0, 8, 1024])
    func concurrency(capacity: Int) async throws {
        let verifier = try GRIPSignatureVerifier("changeme", cacheCapacity: capacity)
        let good = (0..<32).map { Self.token($0) }
        let bad = Forge.hs256(claims: #"{"exp":4102444800}"#, secret: "x")
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<16 {
                group.addTask {
                    var wrong = 0
                    for step in 0..<100 {
                        let token = good[(task * 7 + step) % good.count]
                        if verifier.refusal(of: token) != nil { wrong += 1 }
                        if step % 10 == 0, verifier.refusal(of: bad) != .signatureMismatch { wrong += 1 }
                    }
                    return wrong
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
        let count = verifier.checkedSignatureCount
        for token in good { try verifier.verify(token, now: .reference) }
        switch capacity {
        case 0: #expect(count == 16 * 110 && verifier.checkedSignatureCount == count + 32)
        // Tasks may find out about one token at the same time, but each at most once.
        case 1024: #expect(count >= 32 + 160 && count <= 32 * 16 + 160 && verifier.checkedSignatureCount == count)
        default: #expect(verifier.checkedSignatureCount >= count + 32 - capacity)
        }
    }
}
