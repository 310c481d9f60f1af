/// A value of a proxy's configuration that cannot be used.
public struct GRIPProxyServerConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key, without the scope of the reader, such as `limits.connections`.
    public let key: String
    /// What is wrong with the value and what to do about it.
    ///
    /// It quotes no secret.
    public let reason: String

    package init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }

    /// The key and the reason in one line.
    public var description: String { "GRIP proxy configuration: '\(self.key)' \(self.reason)" }
}
