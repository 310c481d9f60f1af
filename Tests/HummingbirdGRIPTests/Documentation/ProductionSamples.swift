import Configuration
import GRIPTesting
import Hummingbird
import HummingbirdGRIP
import Testing

/// The samples of "Going to production"; what needs a proxy is only compiled.
@Suite struct ProductionSamples {
    private func embedded(_ grip: GRIPOrigin) -> some ApplicationProtocol {
        let router = Router(context: BasicGRIPRequestContext.self)
        var proxy = GRIPProxyServerConfiguration.embedded
        proxy.limits.subscriptionsPerConnection = 500
        proxy.timeouts.drain = .seconds(10)
        let app = Application(router: router, server: .grip(grip, configuration: proxy), services: [grip])
        return app
    }

    private func fastly(serviceID: String, apiToken: String) throws -> GRIPOrigin {
        let fastly = try GRIPProxyConfiguration.fastlyFanout(serviceID: serviceID, apiToken: apiToken)
        let grip = try GRIPOrigin(GRIPConfiguration(proxies: [fastly]))
        return grip
    }

    private func rotation(oldSecret: String, newSecret: String) throws -> GRIPOrigin {
        var proxy = try GRIPProxyConfiguration.pushpin(verifyKey: GRIPKey(newSecret))
        proxy.otherVerifyKeys = [try GRIPKey(oldSecret)]
        let grip = try GRIPOrigin(GRIPConfiguration(proxies: [proxy]))
        return grip
    }

    private func outcomes(_ grip: GRIPOrigin) async throws {
        do {
            try await grip.publish(.httpStream("hello\n"), to: "test")
        } catch let error as GRIPPublishError {
            for outcome in error.result.failures {
                print(outcome.controlURI, outcome.failure?.mayHaveBeenPublished ?? false)
            }
        }
    }

    private func kick(_ grip: GRIPOrigin, _ user: String, _ close: WebSocketClose) async throws {
        let result = try await grip.publish(.webSocketClose(close), to: "user-\(user)", countingDeliveries: true)
        if result.deliveries == 0 { print("\(user) is not connected") }
    }

    private func wake(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        router.post("wake") { _, context in
            guard context.grip.supports(.webSocketRefresh) else { throw HTTPError(.notImplemented) }
            try await grip.publish(.webSocketRefresh, to: "test")
            return "Ok\n"
        }
    }

    private func enqueue(_ grip: GRIPOrigin) throws {
        guard grip.enqueue(.httpStream("hello\n"), to: "test") else { throw HTTPError(.serviceUnavailable) }
    }

    private func limits() throws -> GRIPOrigin {
        let configuration = try GRIPConfiguration.fromEnvironment()
        var publishing = GRIPPublisherConfiguration(proxies: configuration.proxies, prefix: configuration.prefix)
        publishing.queue.maximumItems = 50_000
        publishing.retry = .always(attempts: 5)
        let grip = try GRIPOrigin(configuration, publisher: GRIPHTTPPublisher(configuration: publishing))
        return grip
    }

    private func publisherAlone(lines: [String]) async {
        await GRIPProgram.run {
            let config = ConfigReader(provider: EnvironmentVariablesProvider())
            let configuration = try GRIPPublisherConfiguration(config: config.scoped(to: "grip"))
            try await withGRIPHTTPPublisher(configuration: configuration) { publisher in
                for line in lines { try await publisher.publish(.httpStream("\(line)\n"), to: "test") }
            }
        }
    }

    @Test func fastlyFanoutIsVerifiedByItsIssuer() throws {
        let proxy = try #require(try self.fastly(serviceID: "abc123", apiToken: "token").configuration.proxies.first)
        #expect(proxy.verifyIssuer == "fastly:abc123")
    }

    @Test func bothKeysAreTrustedAndOneProxyIsPublishedTo() throws {
        let grip = try self.rotation(oldSecret: "old", newSecret: "new")
        for secret in ["old", "new"] {
            let signature = try GRIPTestProxy(secret: secret).fields()
            #expect(grip.inspect(GRIPRequest(fields: signature)).isSigned)
        }
        #expect((grip.publisher as? GRIPHTTPPublisher)?.configuration.proxies.count == 1)
    }

    @Test func aFullQueueIsUnavailable() throws {
        let publisher = RecordingPublisher()
        let grip = try GRIPOrigin(GRIPConfiguration(), publisher: publisher)
        try self.enqueue(grip)
        publisher.setQueueFull(true)
        #expect(throws: HTTPError.self) { try self.enqueue(grip) }
    }
}
