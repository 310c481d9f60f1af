/// What became of a publish, proxy by proxy.
public struct GRIPPublishResult: Sendable, Hashable {
    /// What became of a publish at one proxy.
    public struct Outcome: Sendable, Hashable {
        /// Where the proxy's control API is, without the query, which may hold secrets.
        public let controlURI: String
        /// How many publications the proxy accepted: always the first ones of what was published.
        public let accepted: Int
        /// Why the proxy did not accept all, or nothing when it did.
        public let failure: GRIPPublishFailure?

        /// Makes an outcome.
        ///
        /// - Parameters:
        ///   - controlURI: Where the proxy's control API is, without secrets.
        ///   - accepted: How many publications the proxy accepted.
        ///   - failure: Why it did not accept all.
        public init(controlURI: String, accepted: Int, failure: GRIPPublishFailure? = nil) {
            self.controlURI = controlURI
            self.accepted = accepted
            self.failure = failure
        }
    }

    /// One outcome for each proxy, in the order of the configuration.
    public let outcomes: [Outcome]

    /// Makes a result.
    ///
    /// - Parameter outcomes: One outcome for each proxy.
    public init(outcomes: [Outcome]) { self.outcomes = outcomes }

    /// The outcomes of the proxies that did not accept all.
    public var failures: [Outcome] { self.outcomes.filter { $0.failure != nil } }
}
