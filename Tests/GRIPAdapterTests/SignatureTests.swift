import GRIP
import GRIPAdapter
import GRIPSignature
import GRIPTesting
import HTTPTypes
import InMemoryLogging
import Logging
import NIOCore
import Testing

@Suite struct SignatureTests {
    private static let privateJWK = """
        {"kty":"EC","crv":"P-256","x":"Sj1edC9zNFL33xgEfpkaPcIhuRV0oLeencCu0XYLI1c","y":"lin18qHt_TvQEzmhcZl\
        ZTQ_E_ibUTWr78JnZLnNt5YU","d":"YAfP99GtXjfNi1M2R-T2vNf8fjnxNVGJBC4nLAuGj7Y"}
        """
    private static let publicJWK = """
        {"kty":"EC","crv":"P-256","x":"Sj1edC9zNFL33xgEfpkaPcIhuRV0oLeencCu0XYLI1c","y":"lin18qHt_TvQEzmhcZl\
        ZTQ_E_ibUTWr78JnZLnNt5YU"}
        """

    private func origin(_ configuration: GRIPConfiguration) throws -> GRIPOrigin {
        try GRIPOrigin(configuration, publisher: RecordingPublisher())
    }

    @Test func manyRequestsWithOneSignatureAreVerifiedOnce() async throws {
        let proxy = GRIPTestProxy()
        let origin = try self.origin(proxy.configuration)
        let request = GRIPRequest(fields: try proxy.fields())
        for _ in 0..<10 { #expect(origin.inspect(request).isSigned) }
        // At the same time, so that the memory of tokens is shared by threads.
        let signed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { origin.inspect(request).isSigned } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(signed == 100)
        #expect(origin.verifier?.checkedSignatureCount == 1)
    }

    @Test func aForgedSignatureIsCheckedEachTimeAndRememberedNever() throws {
        let origin = try self.origin(GRIPTestProxy().configuration)
        let request = GRIPRequest(fields: try GRIPTestProxy(secret: "guess").fields())
        for _ in 0..<3 { #expect(!origin.inspect(request).isProxied) }
        #expect(origin.verifier?.checkedSignatureCount == 3)
    }

    @Test func requestsWithoutSignatureCostNoCryptography() throws {
        let origin = try self.origin(GRIPTestProxy().configuration)
        for _ in 0..<3 { #expect(!origin.inspect(GRIPRequest(fields: [.gripFeature: "status"])).isProxied) }
        #expect(origin.verifier?.checkedSignatureCount == 0)
    }

    @Test func tenantsOfAServiceThatShareAKeyAreToldApart() throws {
        var proxy = try GRIPProxyConfiguration.fastlyFanout(serviceID: "abc", apiToken: "token")
        proxy.verifyKey = try GRIPKey(Self.publicJWK)
        let origin = try self.origin(GRIPConfiguration(proxies: [proxy]))
        let ours = GRIPTestProxy(secret: Self.privateJWK, issuer: "fastly:abc")
        let theirs = GRIPTestProxy(secret: Self.privateJWK, issuer: "fastly:xyz")
        #expect(try origin.inspect(GRIPRequest(fields: ours.fields())).isSigned)
        #expect(try !origin.inspect(GRIPRequest(fields: theirs.fields())).isProxied)
    }

    @Test func theLeewayOfTheConfigurationCounts() throws {
        let proxy = GRIPTestProxy()
        var configuration = try proxy.configuration
        let late = GRIPRequest(fields: try proxy.fields(lifetime: .seconds(-30)))
        #expect(try !self.origin(configuration).inspect(late).isSigned)
        configuration.signatureLeeway = .seconds(3600)
        #expect(try self.origin(configuration).inspect(late).isSigned)
    }

    @Test func aKeyForAnyProxyCountsWithoutProxiesToPublishTo() throws {
        let proxy = GRIPTestProxy()
        let origin = try self.origin(GRIPConfiguration(verifyKey: GRIPKey(proxy.secret)))
        #expect(try origin.inspect(GRIPRequest(fields: proxy.fields())).isSigned)
        #expect(!origin.inspect(GRIPRequest(fields: [.gripSig: "x"])).isProxied)
        #expect(origin.inspect(GRIPRequest(fields: [:])).needsSignature)
    }

    @Test(arguments: [nil, GRIPTestProxy()])
    func metaOfARequestThatIsNotSignedIsNowhere(proxy: GRIPTestProxy?) throws {
        let origin = try self.origin(GRIPConfiguration(proxies: [.pushpin()]))
        let request = try GRIPTestWebSocket(through: proxy, meta: ["user": "admin"]).request(.text("hi"))
        let state = origin.inspect(GRIPRequest(fields: request.fields))
        #expect(!state.isSigned)
        #expect(state.request.meta.isEmpty)
        let session = try origin.webSocketSession(fields: request.fields, body: request.body, state: state)
        #expect(session.meta.isEmpty)
        #expect(session.messages == ["hi"])
    }

    @Test func aStateDoesNotShowTheSignature() throws {
        let proxy = GRIPTestProxy()
        let fields = try proxy.fields()
        let state = try self.origin(proxy.configuration).inspect(GRIPRequest(fields: fields))
        var dumped = ""
        dump(state, to: &dumped)
        let signature = try #require(fields[.gripSig])
        for text in [dumped, "\(state)", String(reflecting: state)] { #expect(!text.contains(signature)) }
    }

    @Test func requestsWithForgedSignaturesDoNotFillTheLog() throws {
        let log = InMemoryLogHandler()
        let origin = try GRIPOrigin(
            GRIPTestProxy().configuration,
            publisher: RecordingPublisher(),
            logger: Logger(label: "test", factory: { _ in log })
        )
        var head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/news?token=secret")
        head.headerFields = try GRIPTestProxy(secret: "guess").fields()
        for _ in 0..<100 { #expect(!origin.inspect(head).isSigned) }
        let lines = log.entries.filter { "\($0.message)".hasPrefix("Grip-Sig does not verify") }
        #expect(lines.count == 10)
        #expect(lines.first?.level == .info)
        #expect(lines.first?.metadata["grip.path"] == "/news")
        #expect(lines.first?.metadata["grip.reason"] != nil)
    }
}
