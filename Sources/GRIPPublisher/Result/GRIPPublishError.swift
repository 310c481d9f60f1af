/// A publish that did not reach every proxy, or none.
public struct GRIPPublishError: Error, Sendable, Hashable {
    /// The kind of error.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable { case proxiesFailed, noProxies, itemTooLarge, alreadyRun }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// One or more proxies did not accept all; see ``GRIPPublishError/result``.
        public static let proxiesFailed = Code(.proxiesFailed)
        /// There is no proxy to publish to.
        public static let noProxies = Code(.noProxies)
        /// A publication alone is larger than proxies accept; nothing was sent.
        public static let itemTooLarge = Code(.itemTooLarge)
        /// A publisher was run a second time.
        public static let alreadyRun = Code(.alreadyRun)

        /// The code as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// The kind of error.
    public let code: Code
    /// What went wrong, in words for the person who can mend it; holds no secret.
    public let reason: String
    /// The outcome of every proxy, also of those that did not fail; empty where nothing was sent.
    public let result: GRIPPublishResult

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - reason: What went wrong; must hold no secret.
    ///   - result: The outcome of every proxy.
    public init(_ code: Code, _ reason: String, result: GRIPPublishResult = GRIPPublishResult(outcomes: [])) {
        self.code = code
        self.reason = reason
        self.result = result
    }

    /// Makes the error of a result in which proxies failed.
    ///
    /// - Parameter result: The outcome of every proxy.
    public init(_ result: GRIPPublishResult) {
        let failures = result.outcomes.compactMap { outcome in
            outcome.failure.map { "\(outcome.controlURI): \($0)" }
        }
        self.init(
            .proxiesFailed,
            "\(failures.count) of \(result.outcomes.count) proxies failed: " + failures.joined(separator: "; "),
            result: result
        )
    }

    package static let noProxies = GRIPPublishError(
        .noProxies,
        "no GRIP proxy is configured; set GRIP_URL, give the proxies in code, or have the server embed one"
    )

    static func itemTooLarge(index: Int, bytes: Int, limit: Int) -> GRIPPublishError {
        GRIPPublishError(
            .itemTooLarge,
            "publication \(index) takes \(bytes) bytes as a request, more than the \(limit) that proxies accept"
        )
    }
}

extension GRIPPublishError: CustomStringConvertible {
    /// The reason in one line.
    public var description: String { "GRIP publish: \(self.reason)" }
}
