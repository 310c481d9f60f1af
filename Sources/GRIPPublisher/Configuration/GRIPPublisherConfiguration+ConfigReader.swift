public import Configuration
import GRIP

extension GRIPPublisherConfiguration {
    /// Reads a configuration.
    ///
    /// With the reader scoped to `grip`, the environment variable of the first key is `GRIP_URL`.
    ///
    /// ## Keys
    /// - `url` (string, secret, optional): The GRIP URL of a proxy.
    /// - `proxies` (string array, secret, optional): The GRIP URLs of more proxies.
    /// - `prefix` (string, default: none): What is put before each channel's name.
    /// - `connectTimeoutMs` (int, milliseconds, default: 5,000): How long it may take to get a connection.
    /// - `requestTimeoutMs` (int, milliseconds, default: 15,000): How long one attempt may take altogether.
    /// - `retry.mode` (string, default: `whenNothingWasSent`): `never`, `whenNothingWasSent` or `always`.
    /// - `retry.attempts` (int, default: 3): How often a proxy is tried altogether.
    /// - `retry.backoffMs` (int, milliseconds, default: 100): The delay before the second attempt, at most.
    /// - `retry.maximumBackoffMs` (int, milliseconds, default: 2,000): The longest delay.
    /// - `batch.maximumItems` (int, default: 100): The most publications in one request.
    /// - `batch.maximumBytes` (int, bytes, default: 1,000,000): The most bytes in the body of one request.
    /// - `queue.maximumItems` (int, default: 10,000): The most publications that wait for one proxy.
    /// - `queue.maximumBytes` (int, bytes, default: 16,000,000): The most bytes that wait for one proxy.
    /// - `queue.overflow` (string, default: `dropNewest`): `dropNewest` or `dropOldest`.
    /// - `shutdownDeadlineMs` (int, milliseconds, default: 10,000): How long a graceful shutdown may take.
    ///
    /// - Parameter config: The reader, scoped to where the keys are.
    /// - Throws: ``GRIPPublisherConfigurationError``, which names the key, when a value is there and cannot be used.
    public init(config: ConfigReader) throws {
        let values = Values(config: config)
        let url = try values.string("url", isSecret: true).map { [$0] } ?? []
        let more = try values.strings("proxies", isSecret: true) ?? []
        let urls = url.map { ("url", $0) } + more.map { ("proxies", $0) }
        let proxies = try urls.map { key, url in
            try values.checked(key) { () throws(GRIPError) in try GRIPProxyConfiguration(url: url) }
        }
        let prefix = try values.string("prefix") ?? ""
        self.init(
            proxies: proxies,
            prefix: try values.checked("prefix") { () throws(GRIPError) in try GRIPPrefix(prefix) }
        )
        self.connectTimeout = try values.milliseconds("connectTimeoutMs", atLeast: 1) ?? self.connectTimeout
        self.requestTimeout = try values.milliseconds("requestTimeoutMs", atLeast: 1) ?? self.requestTimeout
        self.retry = try values.retry()
        self.batch.maximumItems = try values.int("batch.maximumItems", atLeast: 1) ?? self.batch.maximumItems
        self.batch.maximumBytes = try values.int("batch.maximumBytes", atLeast: 1) ?? self.batch.maximumBytes
        self.queue.maximumItems = try values.int("queue.maximumItems", atLeast: 1) ?? self.queue.maximumItems
        self.queue.maximumBytes = try values.int("queue.maximumBytes", atLeast: 1) ?? self.queue.maximumBytes
        let overflows: [String: GRIPOverflowPolicy] = ["dropNewest": .dropNewest, "dropOldest": .dropOldest]
        self.queue.overflow = try values.choice("queue.overflow", of: overflows) ?? self.queue.overflow
        self.shutdownDeadline = try values.milliseconds("shutdownDeadlineMs", atLeast: 0) ?? self.shutdownDeadline
    }
}

/// Reads values that are absent or right.
///
/// A reader has no word for "absent or of the wrong type, and which": an optional value of the wrong type reads as
/// absent, and a misspelt limit would go unnoticed. So a value that does not read as its type is looked for as others.
private struct Values {
    let config: ConfigReader

    func int(_ key: String, atLeast minimum: Int) throws -> Int? {
        guard let value = self.config.int(forKey: ConfigKey(key)) else {
            try self.requireAbsence(of: key, "is not an integer")
            return nil
        }
        guard value >= minimum else {
            throw GRIPPublisherConfigurationError(key: key, reason: "is less than \(minimum)")
        }
        return value
    }

    func milliseconds(_ key: String, atLeast minimum: Int) throws -> Duration? {
        try self.int(key, atLeast: minimum).map { .milliseconds($0) }
    }

    func string(_ key: String, isSecret: Bool = false) throws -> String? {
        let value = self.config.string(forKey: ConfigKey(key), isSecret: isSecret)
        if value == nil { try self.requireAbsence(of: key, "is not a string") }
        return value
    }

    func strings(_ key: String, isSecret: Bool) throws -> [String]? {
        let value = self.config.stringArray(forKey: ConfigKey(key), isSecret: isSecret)
        if value == nil { try self.requireAbsence(of: key, "is not an array of strings") }
        return value
    }

    func choice<Value>(_ key: String, of values: [String: Value]) throws -> Value? {
        guard let name = try self.string(key) else { return nil }
        guard let value = values[name] else {
            let names = values.keys.sorted().joined(separator: ", ")
            throw GRIPPublisherConfigurationError(key: key, reason: "is not one of: \(names)")
        }
        return value
    }

    func retry() throws -> GRIPRetryPolicy {
        let attempts = try self.int("retry.attempts", atLeast: 1) ?? 3
        let backoff = try self.milliseconds("retry.backoffMs", atLeast: 0) ?? .milliseconds(100)
        let longest = try self.milliseconds("retry.maximumBackoffMs", atLeast: 0) ?? .seconds(2)
        let standard = GRIPRetryPolicy.whenNothingWasSent(attempts: attempts, backoff: backoff, maximumBackoff: longest)
        let modes: [String: GRIPRetryPolicy] = [
            "never": .never,
            "whenNothingWasSent": standard,
            "always": .always(attempts: attempts, backoff: backoff, maximumBackoff: longest),
        ]
        return try self.choice("retry.mode", of: modes) ?? standard
    }

    func checked<Value>(_ key: String, _ make: () throws(GRIPError) -> Value) throws -> Value {
        do {
            return try make()
        } catch {
            throw GRIPPublisherConfigurationError(key: key, reason: "is wrong: \(error.reason)")
        }
    }

    private func requireAbsence(of name: String, _ reason: String) throws {
        let key = ConfigKey(name)
        let isPresent =
            self.config.string(forKey: key, isSecret: true) != nil
            || self.config.int(forKey: key, isSecret: true) != nil
            || self.config.double(forKey: key, isSecret: true) != nil
            || self.config.bool(forKey: key, isSecret: true) != nil
            || self.config.stringArray(forKey: key, isSecret: true) != nil
            || self.config.intArray(forKey: key, isSecret: true) != nil
        if isPresent { throw GRIPPublisherConfigurationError(key: name, reason: reason) }
    }
}
