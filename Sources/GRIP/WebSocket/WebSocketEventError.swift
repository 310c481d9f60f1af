/// A body that is not `application/websocket-events`.
///
/// Content never becomes part of the error; its place does.
public struct WebSocketEventError: Error, Sendable, Hashable {
    /// The rule that was broken.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case malformedType, malformedLength, missingLineEnd, missingContentEnd, contentTooLong, truncated
        }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// The type of an event is not one to sixteen capital letters.
        public static let malformedType = Code(.malformedType)
        /// The length of an event is not one to eight hexadecimal digits.
        public static let malformedLength = Code(.malformedLength)
        /// The line of an event does not end with CR LF.
        public static let missingLineEnd = Code(.missingLineEnd)
        /// The content of an event is not followed by CR LF; its length is probably wrong.
        public static let missingContentEnd = Code(.missingContentEnd)
        /// An event announces more content than the decoder accepts.
        public static let contentTooLong = Code(.contentTooLong)
        /// The body ends inside an event.
        public static let truncated = Code(.truncated)

        /// The code as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// The rule that was broken.
    public let code: Code
    /// The place of the offending byte, counted from the first byte that the decoder was given.
    public let offset: Int
    /// What was expected there, in words for the person who can mend it.
    public let reason: String

    init(_ code: Code, at offset: Int, _ reason: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
    }
}

extension WebSocketEventError: CustomStringConvertible {
    /// The code, the reason and the place in one line.
    public var description: String { "WebSocket events, \(self.code): \(self.reason) (at byte \(self.offset))" }
}
