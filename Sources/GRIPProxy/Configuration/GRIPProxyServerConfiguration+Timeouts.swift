extension GRIPProxyServerConfiguration {
    /// How long things may take.
    public struct Timeouts: Sendable, Hashable {
        /// From the first byte of a request to the end of its headers, and for a new connection to send one.
        public var requestHead: Duration = .seconds(30)
        /// Between two pieces of a request's body.
        public var requestBody: Duration = .seconds(60)
        /// Between two requests on a connection.
        public var keepAlive: Duration = .seconds(60)
        /// For a connection to an origin.
        public var originConnect: Duration = .seconds(10)
        /// From the end of a request to the head of the origin's response, and for the origin to take any of a request.
        public var originResponse: Duration = .seconds(60)
        /// Between two pieces of a response that the proxy needs as a whole.
        ///
        /// Those are responses with instructions, pages of next links and WebSocket events; others pass as they come.
        public var originBody: Duration = .seconds(60)
        /// How long an idle connection to an origin is kept.
        public var originIdle: Duration = .seconds(15)
        /// For a client that is behind to take most of what is written to it.
        public var clientWrite: Duration = .seconds(120)
        /// For the other side to answer a WebSocket's close.
        public var webSocketClose: Duration = .seconds(10)
        /// Over what time connections are ended when the proxy shuts down.
        public var drain: Duration = .seconds(5)
        /// When a shutdown is over, whatever is still open.
        public var shutdown: Duration = .seconds(30)

        /// Makes timeouts with the defaults.
        public init() {}
    }
}
