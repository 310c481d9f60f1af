public import GRIP

/// What became of a publish, proxy by proxy.
public struct GRIPPublishResult: Sendable, Hashable {
    /// What became of a publish at one proxy.
    public struct Outcome: Sendable, Hashable {
        /// Where the proxy's control API is, without the query, which may hold secrets.
        public let controlURI: String
        /// How many publications the proxy accepted: always the first ones of what was published.
        public let accepted: Int
        /// Why the proxy did not accept all, or `nil` when it did.
        public let failure: GRIPPublishFailure?
        /// How many connections have got an item, all items added up; `nil` where the proxy does not tell.
        public let deliveries: Int?
        /// Why the proxy's bus did not take all for other instances, or `nil` when it did or there is none.
        ///
        /// The clients of the proxy itself have got everything all the same, so that publishing again would send it to them
        /// twice.
        public let busRefusal: GRIPBusAcceptance.Refusal?

        /// Makes an outcome.
        ///
        /// - Parameters:
        ///   - controlURI: Where the proxy's control API is, without secrets.
        ///   - accepted: How many publications the proxy accepted.
        ///   - failure: Why it did not accept all.
        ///   - deliveries: How many connections have got an item, as far as the proxy tells.
        ///   - busRefusal: Why the proxy's bus did not take all.
        public init(
            controlURI: String,
            accepted: Int,
            failure: GRIPPublishFailure? = nil,
            deliveries: Int? = nil,
            busRefusal: GRIPBusAcceptance.Refusal? = nil
        ) {
            self.controlURI = controlURI
            self.accepted = accepted
            self.failure = failure
            self.deliveries = deliveries
            self.busRefusal = busRefusal
        }
    }

    /// One outcome for each proxy, in the order of the configuration.
    public let outcomes: [Outcome]

    /// Makes a result.
    ///
    /// - Parameter outcomes: One outcome for each proxy.
    public init(outcomes: [Outcome]) { self.outcomes = outcomes }

    /// How many connections have got an item: all items and proxies added up, `nil` where a proxy does not tell.
    ///
    /// `grip proxy` and the proxy in an application tell when a publish asks for it by `countingDeliveries: true`; Pushpin
    /// and Fastly do not. Zero means that nobody is there, or that the proxy has dropped the item: as one that it has seen
    /// before, by its id, or as one that does not follow what a stream has had. An item that waits for the one before it,
    /// and a stream that fetches a page first, are not counted.
    public var deliveries: Int? {
        var sum = 0
        for outcome in self.outcomes {
            guard let deliveries = outcome.deliveries else { return nil }
            sum += deliveries
        }
        return sum
    }

    /// The outcomes of the proxies whose buses did not take all for other instances.
    public var busRefusals: [Outcome] { self.outcomes.filter { $0.busRefusal != nil } }

    /// The outcomes of the proxies that did not accept all.
    public var failures: [Outcome] { self.outcomes.filter { $0.failure != nil } }
}
