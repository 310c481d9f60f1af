/// An event that cannot be sent, or a stream that cannot be read.
public struct ServerSentEventError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    public enum Code: String, Sendable, Hashable {
        /// A field has a value that the format cannot carry.
        case field
        /// An event of a stream is larger than the reader takes.
        case tooLarge
    }

    /// What was wrong.
    public let code: Code
    /// What was wrong, in words for the person who can mend it.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What was wrong.
    ///   - reason: The same in words.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { "server-sent event: \(self.reason)" }
}
