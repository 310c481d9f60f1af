public import Configuration
import GRIP

extension GRIPPublisherConfiguration {
    /// Reads a configuration.
    ///
    /// With the reader scoped to `grip`, the environment variable of the first key is `GRIP_URL`. A value that is empty
    /// counts as absent.
    ///
    /// ## Keys
    /// - `url` (string, secret, optional): The GRIP URL of a proxy.
    /// - `proxies` (string array, secret, optional): The GRIP URLs of more proxies. In a string, as the environment has
    ///   it, they are separated by white space or commas; a comma inside a URL is `%2C` there.
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
        let values = GRIPConfigurationValues(config: config)
        let url = try values.string("url", isSecret: true).map { ("url", $0) }
        let more = try values.list("proxies", isSecret: true).map { ("proxies", $0) }
        self.init(
            proxies: try ((url.map { [$0] } ?? []) + more).map { key, url in
                try values.checked(key) { try GRIPProxyConfiguration(url: url) }
            },
            prefix: try values.string("prefix").map { text in
                try values.checked("prefix") { try GRIPPrefix(text) }
            } ?? .none
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
