extension GRIPProxyServerConfiguration {
    /// How published items are put in order and told apart.
    public struct Delivery: Sendable, Hashable {
        /// How long an item waits for the one before it.
        public var sequenceWait: Duration = .seconds(5)
        /// How long an id is remembered so that an item is delivered once.
        public var idLifetime: Duration = .seconds(60)
        /// How long a channel counts as subscribed after its last long poll was answered.
        public var subscriptionLinger: Duration = .seconds(60)
        /// Whether origins are asked again one second after a channel's first subscription, for items that were published
        /// in between.
        public var updatesOnFirstSubscription = true

        /// Over what time held connections look at their origins after items of other instances may have been missed.
        ///
        /// All instances miss items at the same moment, and would otherwise ask their origins at once. It has no effect
        /// without a bus.
        public var recoverySpread: Duration = .seconds(3)

        /// Makes settings with the defaults.
        public init() {}
    }

    /// What is done to `X-Forwarded-*` and the like.
    public struct Forwarding: Sendable, Hashable {
        /// The headers that tell an origin whether the client uses TLS.
        public enum ProtocolHeaders: String, Sendable, Hashable {
            /// None is set.
            case off
            /// `X-Forwarded-Proto`.
            case proto
            /// `X-Forwarded-Proto` and the older `X-Forwarded-Protocol`.
            case both
        }

        /// The headers that tell an origin whether the client uses TLS.
        public var protocolHeaders = ProtocolHeaders.proto
        /// Whether a proxy before this one is believed about TLS.
        public var acceptsForwardedProtocol = false
        /// What is done to `X-Forwarded-For`: `truncate:` with a number of addresses to keep, `append`, or both with a
        /// comma between them.
        public var forwardedFor = ""
        /// The same for requests that a trusted proxy has signed.
        public var forwardedForTrusted = ""
        /// This proxy's name in `CDN-Loop`, or nothing to leave that header alone.
        public var cdnLoopToken: String?
        /// Whether clients choose routes by their id with `Pushpin-Route`.
        public var acceptsRouteHeader = false

        /// Makes settings with the defaults.
        public init() {}
    }
}
