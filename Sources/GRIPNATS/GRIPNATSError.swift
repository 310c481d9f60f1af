/// Why something could not be done with NATS.
///
/// The reason is meant for the person who can mend it, and holds no secret.
public struct GRIPNATSError: Error, Sendable, Hashable {
    /// The kind of error.
    public struct Code: Sendable, Hashable, CaseIterable, CustomStringConvertible {
        private enum Value: String, Sendable, CaseIterable {
            case authorization, closed, connection, credentials, disconnected, full, headers, noResponders, permission
            case protocolViolation, server, stale, subject, timeout, tls, tooLarge, url
        }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// A server refused the user, the password, the token, the key or the JSON Web Token.
        public static let authorization = Code(.authorization)
        /// The connection was shut down.
        public static let closed = Code(.closed)
        /// No connection to a server could be established, or it ended.
        public static let connection = Code(.connection)
        /// A seed, a credentials file or another credential cannot be read.
        public static let credentials = Code(.credentials)
        /// There is no connection to a server at the moment; nothing was sent.
        public static let disconnected = Code(.disconnected)
        /// Too much waits to be sent already; nothing was sent.
        public static let full = Code(.full)
        /// Message headers cannot be sent or are malformed.
        public static let headers = Code(.headers)
        /// Nobody listens to the subject of a request.
        public static let noResponders = Code(.noResponders)
        /// The server does not permit publishing or subscribing to a subject.
        public static let permission = Code(.permission)
        /// What came from the other side is not the protocol of NATS.
        public static let protocolViolation = Code(.protocolViolation)
        /// The server told of an error of another kind.
        public static let server = Code(.server)
        /// The server did not answer in time, so the connection is of no use.
        public static let stale = Code(.stale)
        /// A text is no subject.
        public static let subject = Code(.subject)
        /// A request was not answered in time.
        public static let timeout = Code(.timeout)
        /// TLS could not be established.
        public static let tls = Code(.tls)
        /// A message is larger than the server takes; nothing was sent.
        public static let tooLarge = Code(.tooLarge)
        /// A text is no URL of a NATS server.
        public static let url = Code(.url)

        /// All kinds of error.
        public static var allCases: [Code] { Value.allCases.map { Code($0) } }

        /// The code as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// The kind of error.
    public let code: Code
    /// What happened, in words for the person who can mend it; holds no secret.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - reason: What happened; must hold no secret.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension GRIPNATSError: CustomStringConvertible {
    /// The reason.
    public var description: String { self.reason }
}
