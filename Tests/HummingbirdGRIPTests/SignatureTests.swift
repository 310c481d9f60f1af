import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import Testing

@Suite struct SignatureTests {
    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        router.get("state") { _, context in
            let grip = context.grip
            return "\(grip.isProxied) \(grip.isSigned) \(grip.needsSignature) "
                + "\(grip.features.contains(.linkNext)) \(grip.lastIDs.sorted(by: { $0.key < $1.key }))"
        }
    }

    private func expect(_ client: any TestClientProtocol, _ fields: HTTPFields, _ state: String) async throws {
        let response = try await client.get("/state", fields)
        #expect(response.text == state)
    }

    @Test func aSignedRequestTellsWhatItsProxyKnows() async throws {
        let application = TestApplication()
        let fields = try application.proxy.fields(lastIDs: ["a": "2,3", "b": "x"])
        try await application.test(routes: self.routes) { client in
            try await self.expect(
                client,
                fields,
                #"true true true true [(key: "a", value: "2,3"), (key: "b", value: "x")]"#
            )
            try await self.expect(client, [:], "false false true false []")
        }
    }

    @Test func aForgedSignatureIsNoProxy() async throws {
        let application = TestApplication()
        var fields = try GRIPTestProxy(secret: "another").fields(lastIDs: ["a": "1"])
        let expired = try application.proxy.fields(lifetime: .seconds(-10))
        let foreign = try GRIPTestProxy(issuer: "somebody").fields()
        try await application.test(routes: self.routes) { [fields] client in
            for fields in [fields, expired, foreign] {
                try await self.expect(client, fields, "false false true false []")
            }
        }
        fields[.gripSig] = "x"
        try await application.test(routes: self.routes) { [fields] client in
            try await self.expect(client, fields, "false false true false []")
        }
    }

    @Test func aProxyWithoutKeyIsTakenAtItsWordButNotAsSigned() async throws {
        var application = TestApplication()
        application.configure = { configuration in
            configuration.proxies = [try .pushpin(), try .pushpin(verifyKey: GRIPKey("changeme"))]
        }
        let signed = try application.proxy.fields()
        try await application.test(routes: self.routes) { client in
            try await self.expect(client, [.gripSig: "x"], "true false false false []")
            try await self.expect(client, signed, "true true false true []")
        }
    }

    @Test func aVerifyKeyForAllProxiesWorksWithoutAnyKeyForPublishing() async throws {
        var application = TestApplication()
        application.configure = { configuration in
            configuration = try GRIPConfiguration(url: "http://localhost:5561")
            configuration.verifyKey = try GRIPKey("changeme")
        }
        let signed = try application.proxy.fields()
        try await application.test(routes: self.routes) { client in
            try await self.expect(client, signed, "true true true true []")
            try await self.expect(client, [.gripSig: "x"], "false false true false []")
        }
    }

    @Test func aBearerTokenNeverVerifies() async throws {
        var application = TestApplication()
        application.proxy.secret = "api-token"
        application.configure = { configuration in
            configuration = try GRIPConfiguration(url: "https://api.example.com/service/x?key=api-token")
        }
        let signed = try application.proxy.fields()
        try await application.test(routes: self.routes) { client in
            try await self.expect(client, signed, "true false false true []")
        }
    }

    @Test func severalKeysServeWhileOneReplacesAnother() async throws {
        var application = TestApplication()
        application.configure = { configuration in
            var proxy = try GRIPProxyConfiguration.pushpin(verifyKey: GRIPKey("new"))
            proxy.otherVerifyKeys = [try GRIPKey("old")]
            configuration.proxies = [proxy]
        }
        let fields = try ["old", "new"].map { try GRIPTestProxy(secret: $0).fields() }
        try await application.test(routes: self.routes) { client in
            for fields in fields {
                try await self.expect(client, fields, "true true true true []")
            }
        }
    }
}
