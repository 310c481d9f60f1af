/// Why one proxy did not accept what was published.
public struct GRIPPublishFailure: Sendable, Hashable {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CaseIterable, CustomStringConvertible {
        private enum Value: String, Sendable, CaseIterable {
            case authorization, connection, timeout, noAnswer, status, redirect, cancelled
        }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// The token could not be made; nothing was sent.
        public static let authorization = Code(.authorization)
        /// No connection could be established; nothing was sent.
        public static let connection = Code(.connection)
        /// There was no answer in time.
        public static let timeout = Code(.timeout)
        /// The connection ended before the answer came.
        public static let noAnswer = Code(.noAnswer)
        /// The proxy answered with a status other than 200 to 299.
        public static let status = Code(.status)
        /// The proxy answered with a redirect, which is not followed.
        public static let redirect = Code(.redirect)
        /// The task was cancelled, or the publisher shut down.
        public static let cancelled = Code(.cancelled)

        /// All kinds of failure.
        public static var allCases: [Code] { Value.allCases.map { Code($0) } }

        /// The code as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in words for the person who can mend it; holds no secret.
    public let reason: String
    /// The status of the answer, where there was one.
    public let status: Int?
    /// The beginning of the answer's body, at most 256 bytes, where there was one.
    public let responseExcerpt: String?
    /// Whether the proxy may have published all the same.
    ///
    /// Where this is false, publishing again cannot publish twice.
    public let mayHaveBeenPublished: Bool

    /// Makes a failure.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - reason: What happened; must hold no secret.
    ///   - status: The status of the answer.
    ///   - responseExcerpt: The beginning of the answer's body.
    ///   - mayHaveBeenPublished: Whether the proxy may have published all the same.
    public init(
        _ code: Code,
        _ reason: String,
        status: Int? = nil,
        responseExcerpt: String? = nil,
        mayHaveBeenPublished: Bool
    ) {
        self.code = code
        self.reason = reason
        self.status = status
        self.responseExcerpt = responseExcerpt
        self.mayHaveBeenPublished = mayHaveBeenPublished
    }
}

extension GRIPPublishFailure: CustomStringConvertible {
    /// The reason, the beginning of the answer, and what to do where the status tells, in one line.
    public var description: String {
        let advice = self.advice.map { "; \($0)" } ?? ""
        guard let excerpt = self.responseExcerpt, !excerpt.isEmpty else { return self.reason + advice }
        return "\(self.reason): '\(excerpt)'\(advice)"
    }

    private var advice: String? {
        switch self.status {
        case 401, 403: "compare the key or token that the proxy asks for with the one that is given here"
        case 404, 405: "this may not be the control API, whose URL is what stands before '/publish/'"
        default: nil
        }
    }
}

extension GRIPPublishFailure {
    /// Whether the proxy refused the request as it was, so that smaller ones may fare better.
    ///
    /// A proxy reads all items before it publishes any, so nothing of such a batch was published.
    var isRefusalOfContent: Bool { self.status == 400 || self.status == 413 }
}
