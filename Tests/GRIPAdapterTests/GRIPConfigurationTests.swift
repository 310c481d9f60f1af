import Configuration
import GRIP
import GRIPAdapter
import GRIPPublisher
import Testing

@Suite struct GRIPConfigurationTests {
    private func read(_ variables: [String: String]) throws -> GRIPConfiguration {
        try GRIPConfiguration(
            config: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        )
    }

    private static func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> GRIPConfiguration {
        try GRIPConfiguration(config: ConfigReader(provider: InMemoryProvider(values: values)))
    }

    @Test func nothingConfiguredIsTheDefault() throws {
        #expect(try self.read([:]) == GRIPConfiguration())
        #expect(try self.read(["GRIP_URL": "", "GRIP_PREFIX": " ", "GRIP_PROXY_REQUIRED": ""]) == GRIPConfiguration())
    }

    @Test func theVariablesOfAKubernetesServiceAreNoSettings() throws {
        let variables = [
            "GRIP_SERVICE_HOST": "10.0.0.1", "GRIP_SERVICE_PORT": "5561", "GRIP_PORT": "tcp://10.0.0.1:5561",
            "GRIP_PORT_5561_TCP": "tcp://10.0.0.1:5561", "GRIP_PORT_5561_TCP_ADDR": "10.0.0.1",
            "GRIP_PROXY_SERVICE_HOST": "10.0.0.1", "GRIP_PROXY_PORT": "tcp://10.0.0.1:7999",
            "GRIP_URL_SERVICE_HOST": "10.0.0.1", "GRIP_QUEUE_PORT": "tcp://10.0.0.1:1",
        ]
        #expect(try self.read(variables) == GRIPConfiguration())
    }

    @Test func theVariablesOfOtherLibrariesAreRead() throws {
        let configuration = try self.read([
            "GRIP_URL": "http://localhost:5561?verify-iss=pushpin&verify-key=changeme",
            "GRIP_PROXIES": "http://one:5561 https://two.example.com/x?key=token\n",
            "GRIP_VERIFY_KEY": "base64:Y2hhbmdlbWU=",
            "GRIP_PREFIX": "app-",
            "GRIP_PROXY_REQUIRED": "True",
            "GRIP_SIGNATURE_LEEWAY": "30",
        ])
        #expect(
            configuration.proxies.map(\.controlURI.description)
                == ["http://localhost:5561", "http://one:5561", "https://two.example.com/x"]
        )
        #expect(configuration.proxies.first?.verifyIssuer == "pushpin")
        #expect(try configuration.verifyKey == GRIPKey("changeme"))
        #expect(configuration.prefix.text == "app-")
        #expect(configuration.isProxyRequired)
        #expect(configuration.signatureLeeway == .seconds(30))
    }

    @Test(arguments: [
        ("GRIP_URL", "ftp://secret@host", "grip.url"),
        ("GRIP_URL", "http://host?verify-key=base64:secret!", "grip.url"),
        ("GRIP_PROXIES", "http://good:5561 secret", "grip.proxies"),
        ("GRIP_VERIFY_KEY", "base64:secret!", "grip.verifyKey"),
        ("GRIP_PREFIX", "a,b", "grip.prefix"),
        ("GRIP_PROXY_REQUIRED", "maybe", "grip.proxyRequired"),
        ("GRIP_SIGNATURE_LEEWAY", "-1", "grip.signatureLeeway"),
        ("GRIP_BUS", "redis://:secret@host", "grip.bus"), ("GRIP_BUS", "nats://user:secret@host:x", "grip.bus"),
        ("GRIP_INSTANCES", "0", "grip.instances"), ("GRIP_INSTANCES", "some", "grip.instances"),
    ])
    func aBadValueIsAnErrorThatNamesItsKeyAndNoSecret(variable: String, value: String, key: String) {
        let error = #expect(throws: GRIPConfigurationError.self) { try self.read([variable: value]) }
        #expect(error?.key == key)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func valuesThatAreNoTextAreReadAsWhatTheyAre() throws {
        let configuration = try Self.read([
            "grip.proxies": .init(.stringArray(["http://one:5561?verify-key=a,b", "http://two:5561"]), isSecret: true),
            "grip.proxyRequired": true,
            "grip.signatureLeeway": 30,
        ])
        #expect(configuration.proxies.map(\.controlURI.description) == ["http://one:5561", "http://two:5561"])
        #expect(try configuration.proxies.first?.verifyKey == GRIPKey("a,b"))
        #expect(configuration.isProxyRequired)
        #expect(configuration.signatureLeeway == .seconds(30))
    }

    @Test(
        arguments: [
            ("grip.url", 1), ("grip.proxies", 1), ("grip.verifyKey", true), ("grip.prefix", 1.5),
            ("grip.proxyRequired", 2.5),
            ("grip.signatureLeeway", "soon"), ("grip.signatureLeeway", 9_000_000_000_000_000_000),
            ("grip.retry.mode", "sometimes"), ("grip.queue.maximumItems", 0),
        ] as [(AbsoluteConfigKey, ConfigValue)]
    )
    func aValueOfTheWrongTypeIsNotPassedOver(key: AbsoluteConfigKey, value: ConfigValue) {
        let error = #expect(throws: GRIPConfigurationError.self) { try Self.read([key: value]) }
        #expect(error?.key == key.components.joined(separator: "."))
    }

    @Test func proxiesMayBeSeparatedByCommasOrBlanks() throws {
        for text in ["http://one,http://two", "http://one http://two", " http://one,\n\thttp://two\n"] {
            let hosts = try self.read(["GRIP_PROXIES": text]).proxies.map(\.controlURI.host)
            #expect(hosts == ["one", "two"])
        }
    }

    @Test func aConfigurationThatWasReadIsThePublishersToo() throws {
        let variables = [
            "GRIP_URL": "http://localhost:5561", "GRIP_PROXIES": "http://one http://two", "GRIP_PREFIX": "app-",
            "GRIP_REQUEST_TIMEOUT_MS": "1234", "GRIP_QUEUE_MAXIMUM_ITEMS": "5",
        ]
        let origin = try GRIPOrigin(
            config: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        )
        let publisher = try #require(origin.publisher as? GRIPHTTPPublisher)
        #expect(publisher.configuration.proxies == origin.configuration.proxies)
        #expect(publisher.configuration.proxies.count == 3)
        #expect(publisher.configuration.prefix.text == "app-")
        #expect(publisher.configuration.requestTimeout == .milliseconds(1234))
        #expect(publisher.configuration.queue.maximumItems == 5)
    }

    @Test func aBusIsReadWithItsPrefixAndItsCredentials() throws {
        let configuration = try self.read([
            "GRIP_BUS": "nats://a,nats://b", "GRIP_BUS_PREFIX": "shop", "GRIP_BUS_TOKEN": "t", "GRIP_INSTANCES": "3",
        ])
        var bus = GRIPBusConfiguration(url: "nats://a,nats://b", prefix: "shop")
        bus.token = "t"
        #expect(configuration.bus == bus)
        #expect(configuration.instances == 3)
        let origin = try GRIPOrigin(config: Self.reader(["GRIP_BUS": "nats://a"]))
        #expect("\(type(of: origin.publisher))" == "BusPublisher")
    }

    @Test func aSettingOfTheBusThatCannotBeUsedIsAnErrorThatNamesItsVariable() throws {
        for (variable, value) in [
            ("GRIP_BUS_PREFIX", "a b"), ("GRIP_BUS_PASSWORD", "secret"), ("GRIP_BUS_CREDENTIALS", "/no/such/file"),
            ("GRIP_BUS_CA_FILE", "/no/such/file"), ("GRIP_BUS_SEED", "secret"), ("GRIP_BUS_WAITING_BYTES", "0"),
        ] {
            let error = #expect(throws: GRIPConfigurationError.self) {
                try self.read(["GRIP_BUS": "nats://a", variable: value])
            }
            #expect(error?.programDescription.hasPrefix("The environment variable \(variable) cannot be used") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test func withProxiesThereIsNoNeedForTheBus() throws {
        let origin = try GRIPOrigin(config: Self.reader(["GRIP_BUS": "nats://a", "GRIP_URL": "http://localhost:5561"]))
        #expect(origin.publisher is GRIPHTTPPublisher)
    }

    private static func reader(_ variables: [String: String]) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    @Test func anEmptyKeyIsRefusedWhereItIsNotAbsent() throws {
        #expect(throws: GRIPError.self) { try GRIPKey("base64:") }
        #expect(throws: GRIPError.self) { try GRIPKey("") }
    }
}
