import Configuration
import GRIP
import GRIPPublisher
import Testing

struct ConfigurationTests {
    private static func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> GRIPPublisherConfiguration {
        try GRIPPublisherConfiguration(config: ConfigReader(provider: InMemoryProvider(values: values)))
    }

    @Test func `what is absent has its default`() throws {
        #expect(try Self.read([:]) == GRIPPublisherConfiguration(proxies: []))
        let defaults = GRIPPublisherConfiguration(proxies: [])
        #expect(defaults.connectTimeout == .seconds(5))
        #expect(defaults.requestTimeout == .seconds(15))
        #expect(defaults.retry == .whenNothingWasSent(attempts: 3))
        #expect(defaults.batch == .init(maximumItems: 100, maximumBytes: 1_000_000))
        #expect(defaults.queue == .init(maximumItems: 10_000, maximumBytes: 16_000_000, overflow: .dropNewest))
        #expect(defaults.shutdownDeadline == .seconds(10))
    }

    @Test func `every key is read`() throws {
        let configuration = try Self.read([
            "url": "http://localhost:5561/?iss=realm&key=secret",
            "proxies": .init(.stringArray(["http://a", "http://b"]), isSecret: true),
            "prefix": "app-",
            "connectTimeoutMs": 1,
            "requestTimeoutMs": 2,
            "retry.mode": "always",
            "retry.attempts": 3,
            "retry.backoffMs": 4,
            "retry.maximumBackoffMs": 5,
            "batch.maximumItems": 6,
            "batch.maximumBytes": 7,
            "queue.maximumItems": 8,
            "queue.maximumBytes": 9,
            "queue.overflow": "dropOldest",
            "shutdownDeadlineMs": 10,
        ])
        let expected = GRIPPublisherConfiguration(
            proxies: try ["http://localhost:5561/?iss=realm&key=secret", "http://a", "http://b"]
                .map { try GRIPProxyConfiguration(url: $0) },
            prefix: try GRIPPrefix("app-"),
            connectTimeout: .milliseconds(1),
            requestTimeout: .milliseconds(2),
            retry: .always(attempts: 3, backoff: .milliseconds(4), maximumBackoff: .milliseconds(5)),
            batch: .init(maximumItems: 6, maximumBytes: 7),
            queue: .init(maximumItems: 8, maximumBytes: 9, overflow: .dropOldest),
            shutdownDeadline: .milliseconds(10)
        )
        #expect(configuration == expected)
    }

    @Test func `the environment names the first proxy GRIP_URL`() throws {
        let provider = EnvironmentVariablesProvider(environmentVariables: [
            "GRIP_URL": "http://localhost:5561", "GRIP_QUEUE_MAXIMUM_ITEMS": "5",
        ])
        let configuration = try GRIPPublisherConfiguration(config: ConfigReader(provider: provider).scoped(to: "grip"))
        #expect(configuration.proxies == [try GRIPProxyConfiguration(url: "http://localhost:5561")])
        #expect(configuration.queue.maximumItems == 5)
    }

    static let bad: [(String, ConfigValue)] = [
        ("url", "ftp://s3cr3t"),
        ("url", 7),
        ("proxies", "s3cr3t"),
        ("proxies", .init(.stringArray(["http://a", "s3cr3t"]), isSecret: true)),
        ("prefix", "a,b"),
        ("connectTimeoutMs", 0),
        ("requestTimeoutMs", "soon"),
        ("retry.mode", "sometimes"),
        ("retry.attempts", 0),
        ("retry.backoffMs", -1),
        ("batch.maximumItems", 1.5),
        ("batch.maximumBytes", true),
        ("queue.maximumItems", 0),
        ("queue.overflow", "block"),
        ("shutdownDeadlineMs", -1),
    ]

    @Test(arguments: bad)
    func `a bad value is an error that names its key and not the value`(key: String, value: ConfigValue) throws {
        let error = try #require(throws: GRIPPublisherConfigurationError.self) {
            try Self.read([AbsoluteConfigKey(ConfigKey(key)): value])
        }
        #expect(error.key == key)
        #expect(error.description.contains("'\(key)'"))
        #expect(!error.description.contains("s3cr3t"))
    }
}
