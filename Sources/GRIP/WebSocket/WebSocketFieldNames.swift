package import HTTPTypes

extension HTTPField.Name {
    /// How long a proxy waits before it asks the origin for news, in seconds.
    package static let keepAliveInterval = Self.known("Keep-Alive-Interval")
    /// How much of a request's content the origin has dealt with.
    package static let contentBytesAccepted = Self.known("Content-Bytes-Accepted")
    /// How much of a request's content was sent before.
    package static let contentBytesReplayed = Self.known("Content-Bytes-Replayed")
}
