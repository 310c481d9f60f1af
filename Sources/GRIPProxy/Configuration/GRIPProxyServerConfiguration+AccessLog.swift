extension GRIPProxyServerConfiguration {
    /// What is told of each request, hold and WebSocket of a client when it is over.
    ///
    /// A line has the time, the client, the request, the status, bytes, the duration, the route, the target, what was held
    /// and why it ended. It has no headers. `grip proxy` writes the lines to standard output; elsewhere they are messages
    /// of the proxy's logger at level `info`, with `grip.log` as metadata.
    public struct AccessLog: Sendable, Hashable {
        /// How a line is written.
        public enum Format: String, Sendable, Hashable {
            /// There is no access log.
            case off
            /// Fields for people, in a fixed order.
            case text
            /// A JSON object.
            case json
        }

        /// What is shown of the query of a request.
        public enum Query: String, Sendable, Hashable {
            /// Nothing: tokens and names of people stand there.
            case off
            /// The names of parameters, with `(redacted)` for their values.
            case names
        }

        /// How a line is written; off by default.
        public var format = Format.off
        /// What is shown of the query of a request; nothing by default.
        public var query = Query.off

        /// Makes settings with the defaults.
        public init() {}
    }
}
