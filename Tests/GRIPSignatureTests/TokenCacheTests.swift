import GRIP
import GRIPSignature
import Testing

@Suite("The cache of the issued token")
struct TokenCacheTests {
    @Test(
        "A token is used until a tenth of its lifetime, or a minute, is left",
        arguments: [(3600, 360), (600, 60), (300, 60), (120, 60), (100, 50), (10, 5), (86400, 8640)]
    )
    func renewal(lifetime: Int, margin: Int) throws {
        // ES256 signatures differ each time, which tells tokens apart.
        let cache = GRIPTokenCache(try GRIPTokenIssuer(ECKeys.privatePKCS8, lifetime: .seconds(lifetime)))
        func token(_ offset: Int) throws -> GRIPToken {
            try cache.token(now: GRIPTimestamp(secondsSince1970: 1_800_000_000 + Int64(offset)))
        }
        let first = try token(0)
        #expect(first.expiry.secondsSince1970 == 1_800_000_000 + Int64(lifetime))
        #expect(try token(1) == first)
        #expect(try token(lifetime - margin - 1) == first)
        let second = try token(lifetime - margin)
        #expect(second != first)
        #expect(second.expiry.secondsSince1970 == first.expiry.secondsSince1970 + Int64(lifetime - margin))
        #expect(try token(lifetime - 1) == second)
    }

    @Test("A clock that is set back does not prolong a token")
    func clockSetBack() throws {
        let cache = GRIPTokenCache(try GRIPTokenIssuer(ECKeys.privatePKCS8))
        let first = try cache.token(now: .reference)
        let second = try cache.token(now: 1_799_999_999)
        #expect(second != first)
        #expect(second.expiry == 1_800_003_599)
        #expect(try cache.token(now: .reference) == second)
    }

    @Test("A clock that is set forward gives a new token")
    func clockSetForward() throws {
        let cache = GRIPTokenCache(try GRIPTokenIssuer("changeme"))
        _ = try cache.token(now: .reference)
        #expect(try cache.token(now: 1_900_000_000).expiry == 1_900_003_600)
    }

    @Test("The shortest lifetimes give a token that is valid now, where there is one", arguments: [1, 2, 3])
    func shortLifetime(seconds: Int) throws {
        let cache = GRIPTokenCache(try GRIPTokenIssuer("changeme", lifetime: .seconds(seconds)))
        for offset in Int64(0)..<20 {
            let now = GRIPTimestamp(secondsSince1970: 1_800_000_000 + offset)
            #expect(try cache.token(now: now).expiry > now)
        }
    }

    @Test("Many tasks at once get valid tokens")
    func concurrency() async throws {
        let cache = GRIPTokenCache(try GRIPTokenIssuer("changeme"))
        let verifier = try GRIPSignatureVerifier("changeme", issuer: "pushpin")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in Int64(0)..<16 {
                group.addTask {
                    for step in Int64(0)..<50 {
                        let now = GRIPTimestamp(secondsSince1970: 1_800_000_000 + step * 100 + task)
                        let token = try cache.token(now: now)
                        try verifier.verify(token.text, now: now)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("Without telling, the present is now")
    func present() throws {
        let cache = GRIPTokenCache(try GRIPTokenIssuer("changeme"))
        try GRIPSignatureVerifier("changeme").verify(cache.token().text)
        #expect(try cache.token() == cache.token())
    }
}
