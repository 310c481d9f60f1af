import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

/// Links that say on whose behalf they are asked.
@Suite struct LinkClaimsTests {
    private let application = TestApplication()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        for path in ["more", "other"] {
            router.get(RouterPath(path)) { _, context in
                context.grip.linkClaims.map { "\($0.sorted { $0.key < $1.key })" } ?? "none"
            }
        }
    }

    private func claims(of uri: String, _ application: TestApplication? = nil) async throws -> String {
        let application = application ?? self.application
        let fields = try application.proxy.fields()
        let (answers, answer) = AsyncStream<String>.makeStream()
        try await application.test(routes: self.routes) { client in
            answer.yield(try await client.get(uri, fields).text)
        }
        answer.finish()
        return await answers.first { _ in true } ?? "no answer"
    }

    @Test func claimsComeBack() async throws {
        let grip = try self.application.origin()
        let claims = ["user": "ann \u{1F600} & co", "": "empty name", "room": ""]
        let expected = "\(claims.sorted { $0.key < $1.key })"
        for uri in ["/more", "/more?after=7&x=%20y", "https://example.com/more", "http://example.com/more?a=b"] {
            let link = try GRIPLink(uri, claims: claims, signedBy: grip, timeout: .seconds(30))
            #expect(link.timeout == .seconds(30))
            #expect(link.uri.hasPrefix(uri))
            let target = link.uri.split(separator: "example.com").last.map(String.init) ?? ""
            #expect(try await self.claims(of: target) == expected)
        }
    }

    @Test func claimsAreOfOnePathAndQuery() async throws {
        let grip = try self.application.origin()
        let link = try GRIPLink("/more?after=7", claims: ["user": "ann"], signedBy: grip).uri
        for forged in [
            link.replacing("/more", with: "/other"), link.replacing("after=7", with: "after=8"),
            link + "&more=1", link.replacing("after=7&", with: ""), link + "x", String(link.dropLast()),
            link + "&" + (link.split(separator: "&").last ?? ""), "/more?after=7&grip-claims=", "/more?grip-claims=.",
            "/more?grip-claims=e30.e30", "/more?after=7", "/more",
        ] {
            #expect(try await self.claims(of: forged) == "none", "\(forged)")
        }
    }

    @Test func claimsExpire() async throws {
        let grip = try self.application.origin()
        let link = try GRIPLink("/more", claims: ["user": "ann"], signedBy: grip, lifetime: .seconds(-1))
        #expect(try await self.claims(of: link.uri) == "none")
    }

    @Test func claimsOfAnotherKeyAreNotBelieved() async throws {
        let other = try GRIPOrigin(GRIPTestProxy(secret: "another").configuration, publisher: RecordingPublisher())
        let link = try GRIPLink("/more", claims: ["user": "ann"], signedBy: other)
        #expect(try await self.claims(of: link.uri) == "none")
    }

    @Test func theApplicationsOwnKeySignsAndTheProxysIsStillBelieved() async throws {
        var application = self.application
        application.configure = { $0.applicationKey = try GRIPKey("a secret of ours") }
        let before = try GRIPLink("/more", claims: ["user": "ann"], signedBy: self.application.origin())
        let after = try GRIPLink("/more", claims: ["user": "ann"], signedBy: application.origin())
        #expect(before.uri != after.uri)
        for link in [before, after] {
            #expect(try await self.claims(of: link.uri, application) == "\([(key: "user", value: "ann")])")
        }
        #expect(try await self.claims(of: after.uri) == "none")
    }

    @Test func withoutAKeyTheErrorSaysWhatToSet() throws {
        let grip = try GRIPOrigin(GRIPConfiguration(), publisher: RecordingPublisher())
        let error = #expect(throws: GRIPError.self) { try GRIPLink("/more", claims: [:], signedBy: grip) }
        #expect(error?.reason.contains("GRIP_APPLICATION_KEY") == true)
    }

    @Test func theProxyInTheApplicationNeedsNoKey() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        self.routes(router, grip)
        router.get("link") { _, _ in try GRIPLink("/more", claims: ["user": "ann"], signedBy: grip).uri }
        try await Application(router: router, server: .grip(grip), services: [grip]).test(.live) {
            client async throws in
            let link = try await client.get("/link").text
            #expect(try await client.get(link).text.contains("ann"))
        }
    }

    @Test func linksThatCannotBeBoundAreRefused() throws {
        let grip = try self.application.origin()
        for uri in ["more", "?a=b", "//host/more", "", "/more#here", "/more?grip-claims=x", "https://", "mailto:x"] {
            #expect(throws: GRIPError.self, "\(uri)") { try GRIPLink(uri, claims: [:], signedBy: grip) }
        }
        let many = ["many": String(repeating: "x", count: 5000)]
        #expect(throws: GRIPError.self) { try GRIPLink("/more", claims: many, signedBy: grip) }
    }

    @Test func aKeyOfAPairCannotSign() throws {
        var configuration = GRIPConfiguration()
        configuration.applicationKey = try GRIPProxyConfiguration.fastlyFanout(serviceID: "a", apiToken: "b").verifyKey
        #expect(throws: GRIPError.self) { try GRIPOrigin(configuration) }
    }
}
