public import Configuration
import GRIP
import GRIPNATS
import GRIPPublisher

extension GRIPConfiguration {
    /// Reads a configuration.
    ///
    /// ## Configuration keys
    ///
    /// | key | environment | type | default |
    /// |---|---|---|---|
    /// | `grip.url` | `GRIP_URL` | GRIP URL, secret | none |
    /// | `grip.proxies` | `GRIP_PROXIES` | GRIP URLs, separated by white space or commas, secret | none |
    /// | `grip.verifyKey` | `GRIP_VERIFY_KEY` | key, secret | none |
    /// | `grip.applicationKey` | `GRIP_APPLICATION_KEY` | shared secret, secret | none |
    /// | `grip.prefix` | `GRIP_PREFIX` | text before channel names | empty |
    /// | `grip.proxyRequired` | `GRIP_PROXY_REQUIRED` | boolean | false |
    /// | `grip.signatureLeeway` | `GRIP_SIGNATURE_LEEWAY` | seconds | 0 |
    /// | `grip.bus` | `GRIP_BUS` | URLs of the bus, separated by white space or commas, secret | none |
    /// | `grip.instances` | `GRIP_INSTANCES` | how many instances there are | not known |
    ///
    /// The other keys of the bus are, with `grip.` before them, those of `GRIPBusConfiguration.init(config:)`, such as
    /// `grip.busPrefix` and `grip.busCredentials`. `grip.url` and `grip.proxies` add up. A key without a value, or with an empty one, counts as absent.
    ///
    /// The keys of a publisher are checked too, and used by ``GRIPOrigin/init(config:logger:)``: with `grip.` before
    /// them, those of `GRIPPublisherConfiguration.init(config:)`.
    ///
    /// - Parameter config: Where to read; not scoped to `grip`.
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used.
    public init(config: ConfigReader) throws {
        do {
            let grip = config.scoped(to: "grip")
            let publisher = try GRIPPublisherConfiguration(config: grip)
            let bus = try GRIPBusConfiguration(config: grip)
            try bus.check()
            let values = GRIPConfigurationValues(config: grip)
            self.init(
                proxies: publisher.proxies,
                prefix: publisher.prefix,
                bus: bus,
                instances: try values.int("instances", atLeast: 1),
                verifyKey: try values.string("verifyKey", isSecret: true).map { text in
                    try values.checked("verifyKey") { try GRIPKey(text) }
                },
                applicationKey: try values.string("applicationKey", isSecret: true).map { text in
                    try values.checked("applicationKey") { try GRIPKey(text) }
                },
                isProxyRequired: try values.bool("proxyRequired") ?? false,
                signatureLeeway: try values.int("signatureLeeway", atLeast: 0).map { .seconds($0) } ?? .zero
            )
        } catch let error as GRIPPublisherConfigurationError {
            throw GRIPConfigurationError(key: "grip.\(error.key)", reason: error.reason)
        } catch let error as GRIPBusConfigurationError {
            throw GRIPConfigurationError(key: "grip.\(error.key)", reason: error.reason)
        }
    }

    /// Reads a configuration from the process's environment variables; see ``init(config:)`` for their names.
    ///
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used.
    /// - Returns: The configuration.
    public static func fromEnvironment() throws -> GRIPConfiguration {
        try GRIPConfiguration(config: ConfigReader(provider: EnvironmentVariablesProvider()))
    }
}
