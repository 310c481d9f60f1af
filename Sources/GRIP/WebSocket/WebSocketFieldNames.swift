package import HTTPTypes

extension HTTPField.Name {
    /// How long a proxy waits before it asks the origin for news, in seconds.
    package static let keepAliveInterval = Self(literal: "Keep-Alive-Interval")
    /// How much of a request's content the origin has dealt with.
    package static let contentBytesAccepted = Self(literal: "Content-Bytes-Accepted")
    /// How much of a request's content was sent before.
    package static let contentBytesReplayed = Self(literal: "Content-Bytes-Replayed")

    private init(literal: StaticString) {
        // Part of the program, not input.
        guard let name = Self("\(literal)") else { preconditionFailure("'\(literal)' is not a field name") }
        self = name
    }
}
