public import Configuration
import GRIP

extension GRIPConfiguration {
    /// Reads a configuration.
    ///
    /// ## Configuration keys
    ///
    /// | key | environment | type | default |
    /// |---|---|---|---|
    /// | `grip.url` | `GRIP_URL` | GRIP URL, secret | none |
    /// | `grip.proxies` | `GRIP_PROXIES` | GRIP URLs, separated by white space, secret | none |
    /// | `grip.verifyKey` | `GRIP_VERIFY_KEY` | key, secret | none |
    /// | `grip.prefix` | `GRIP_PREFIX` | text before channel names | empty |
    /// | `grip.proxyRequired` | `GRIP_PROXY_REQUIRED` | boolean | false |
    /// | `grip.signatureLeeway` | `GRIP_SIGNATURE_LEEWAY` | seconds | 0 |
    ///
    /// `grip.url` and `grip.proxies` add up. A key without a value, or with an empty one, counts as absent.
    ///
    /// - Parameter config: Where to read; not scoped to `grip`.
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used.
    public init(config: ConfigReader) throws {
        let grip = config.scoped(to: "grip")
        self.init()
        func read<Value>(_ key: String, _ parse: (String) throws -> Value) throws -> Value? {
            let text = grip.string(forKey: ConfigKey(key), isSecret: key != "prefix")
            guard let text = text?.trimmingASCIIWhitespace(), !text.isEmpty else { return nil }
            do {
                return try parse(String(text))
            } catch let error as GRIPError {
                throw GRIPConfigurationError(key: "grip.\(key)", reason: error.reason)
            }
        }
        if let proxy = try read("url", { try GRIPProxyConfiguration(url: $0) }) { self.proxies.append(proxy) }
        if let proxies = try read(
            "proxies",
            { text in
                try text.split(whereSeparator: \.isWhitespace).map { try GRIPProxyConfiguration(url: String($0)) }
            }
        ) {
            self.proxies += proxies
        }
        self.verifyKey = try read("verifyKey") { try GRIPKey($0) }
        self.prefix = try read("prefix") { try GRIPPrefix($0) } ?? .none
        self.isProxyRequired = try read("proxyRequired", Self.boolean) ?? false
        self.signatureLeeway = try read("signatureLeeway", Self.seconds) ?? .zero
    }

    /// Reads a configuration from the process's environment variables; see ``init(config:)`` for their names.
    ///
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used.
    /// - Returns: The configuration.
    public static func fromEnvironment() throws -> GRIPConfiguration {
        try GRIPConfiguration(config: ConfigReader(provider: EnvironmentVariablesProvider()))
    }

    private static func boolean(_ text: String) throws -> Bool {
        switch text.lowercased() {
        case "true", "yes", "1", "on": true
        case "false", "no", "0", "off": false
        default: throw GRIPConfigurationError(key: "grip.proxyRequired", reason: "it is neither true nor false")
        }
    }

    private static func seconds(_ text: String) throws -> Duration {
        guard let seconds = Int32(text), seconds >= 0 else {
            throw GRIPConfigurationError(key: "grip.signatureLeeway", reason: "it is not a number of seconds")
        }
        return .seconds(seconds)
    }
}
