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
        /// For a request to get one of the connections that an origin may have.
        public var originQueue: Duration = .seconds(10)
        /// How long an idle connection to an origin is kept.
        ///
        /// What the origin says with `Keep-Alive: timeout=` counts instead, up to 15 seconds or this, less a margin.
        public var originIdle: Duration = .milliseconds(1500)
        /// How long after its last response a connection to an origin takes a request that must not be sent twice.
        ///
        /// Beyond it such a request gets a new connection, because the origin may be closing this one. What the origin
        /// says with `Keep-Alive: timeout=` counts instead, less a margin.
        public var originReuse: Duration = .milliseconds(25)
        /// For a client that is behind to take most of what is written to it.
        public var clientWrite: Duration = .seconds(120)
        /// For the other side to answer a WebSocket's close.
        public var webSocketClose: Duration = .seconds(10)
        /// How long the client of a WebSocket may send nothing before the proxy sends it a ping, which is not the origin's and
        /// whose pong the origin does not hear of; zero for no pings.
        public var webSocketPing: Duration = .seconds(30)
        /// For a client to send anything after such a ping; then its connection is closed.
        public var webSocketPong: Duration = .seconds(30)
        /// For the system of a client to acknowledge what is sent to it, or the probes that are sent when nothing is; zero
        /// for as long as this system waits by itself.
        ///
        /// It finds clients that are gone without a word: behind a network that is down, or switched off.
        public var deadClient: Duration = .seconds(120)
        /// The maximum age of a connection, give or take 10 %; zero for any age.
        ///
        /// The proxy then ends it as its protocol provides. It looks at ages once a second, and finishes a response that
        /// passes through first.
        /// Clients connect again, and with several instances perhaps to another one.
        public var connectionAge: Duration = .zero
        /// Over what time connections are ended when the proxy shuts down.
        public var drain: Duration = .seconds(5)
        /// When a shutdown is over, whatever is still open.
        public var shutdown: Duration = .seconds(30)

        /// Makes timeouts with the defaults.
        public init() {}
    }
}
