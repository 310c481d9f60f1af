/// A configuration that cannot be used: what is wrong, and under which key.
public struct GRIPConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key of the configuration, as `grip.url`, whose environment variable is `GRIP_URL`.
    public let key: String
    /// What is wrong with the value; it never quotes a secret.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - key: The key of the configuration.
    ///   - reason: What is wrong with the value; must hold no secret.
    public init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }

    /// The key and the reason in one line.
    public var description: String { "\(self.key): \(self.reason)" }
}
