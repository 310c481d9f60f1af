/// A configuration value that a publisher cannot use.
public struct GRIPPublisherConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key, without the scope of the reader.
    public let key: String
    /// What is wrong with the value, which is not quoted, because it may be a secret.
    public let reason: String

    init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }

    /// The key and the reason in one line.
    public var description: String { "GRIP configuration: '\(self.key)' \(self.reason)" }
}
