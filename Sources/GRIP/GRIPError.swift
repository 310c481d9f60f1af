/// A GRIP value that cannot be made, written or read.
///
/// Every codec and every validating initializer of this module throws this type. ``code`` tells what kind of value
/// was wrong, ``reason`` what was wrong with it and, where that is known, what to do about it. Secrets and message
/// contents never become part of an error.
///
/// Two errors are equal when their codes and their reasons are.
public struct GRIPError: Error, Sendable, Hashable {
    /// The kind of value an error is about.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case channel, filter, hold, keepAlive, link, status, meta, header, instruction, item, format, json, url, key
            case webSocketMessage, member
        }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// A channel name or prev-id that a header or the control API cannot carry.
        public static let channel = Code(.channel)
        /// A filter name, or too many filters on one channel.
        public static let filter = Code(.filter)
        /// The key or the info of a member of a channel.
        public static let member = Code(.member)
        /// A hold without channels, or with an unknown mode.
        public static let hold = Code(.hold)
        /// Keep-alive data, format, mode or timeout.
        public static let keepAlive = Code(.keepAlive)
        /// A next or gone link.
        public static let link = Code(.link)
        /// An HTTP status code or reason phrase.
        public static let status = Code(.status)
        /// A meta name or value.
        public static let meta = Code(.meta)
        /// A request header that GRIP defines, or an HTTP header inside an item.
        public static let header = Code(.header)
        /// A combination of headers, or a JSON body, that is not an instruction.
        public static let instruction = Code(.instruction)
        /// An item of the control API.
        public static let item = Code(.item)
        /// A format inside an item.
        public static let format = Code(.format)
        /// Text that is not JSON.
        public static let json = Code(.json)
        /// A GRIP URL or a control URI.
        public static let url = Code(.url)
        /// A key that cannot be read.
        public static let key = Code(.key)
        /// A WebSocket control message, close code or close reason.
        public static let webSocketMessage = Code(.webSocketMessage)

        /// The code as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// The kind of value that was wrong.
    public let code: Code
    /// What was wrong, in words for the person who can mend it.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: The kind of value that was wrong.
    ///   - reason: What was wrong with it; must hold no secret.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension GRIPError: CustomStringConvertible {
    /// The code and the reason in one line.
    public var description: String { "GRIP \(self.code): \(self.reason)" }
}
