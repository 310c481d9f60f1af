extension GRIPProxyServerConfiguration {
    /// What is never exceeded.
    ///
    /// Sizes are in bytes.
    public struct Limits: Sendable, Hashable {
        /// What happens to a client that does not read what is written to it.
        public enum Overflow: String, Sendable, Hashable {
            /// The connection is closed, so that the client knows and can recover.
            case close
            /// Items are left out until the client reads again.
            case drop
        }

        /// Client connections.
        ///
        /// More are accepted and closed at once.
        public var connections = 50_000
        /// Channels that one connection is subscribed to.
        ///
        /// More are left out.
        public var subscriptionsPerConnection = 20
        /// The line and the headers of a request.
        ///
        /// A longer one is answered with 431.
        public var requestHead = 16_384
        /// Header lines of a request.
        public var requestFields = 128
        /// How fast the body of a request has to come at least, in bytes per second; 0 for any speed.
        ///
        /// The same holds for requests to the control API. See ``Timeouts/requestBody``, the time that a body which is
        /// slower has.
        public var requestBodyRate = 100
        /// The body of a request that is remembered to send it again.
        ///
        /// A larger request cannot be held.
        public var rememberedBody = 100_000
        /// The body of a response with instructions.
        public var instructedBody = 100_000
        /// A page that a next link leads to.
        public var linkedPage = 1_000_000
        /// Pages that follow each other in a stream without a hold between them.
        ///
        /// After 100 of them there are ten a second. Beyond the limit the stream ends.
        public var linkedPages = 1000
        /// Failures of a next link in a row, after which the stream ends, so that the client connects again.
        ///
        /// Between them are 1, 2, 4 and more seconds, up to a minute.
        public var linkFailures = 6
        /// Connections to one origin server, on all event loops together.
        ///
        /// Each event loop has an equal part of them, and at least one. Further requests wait for one that becomes free.
        /// Requests whose answers no client waits for, such as those that say that a WebSocket is gone, have an eighth.
        /// Connections of WebSockets to origins that speak WebSocket are not among them.
        public var originConnections = 1024
        /// Requests that wait for a connection to one origin server, on all event loops together.
        ///
        /// More are answered with 503.
        public var originQueue = 20_000
        /// A WebSocket message and what a client may have under way to the origin.
        public var webSocketMessage = 200_000
        /// An origin's response with WebSocket events.
        public var webSocketResponse = 1_000_000
        /// What waits for a client that does not read.
        public var queuedBytes = 1_000_000
        /// Items that wait for a client while a page is fetched for it.
        public var queuedItems = 100
        /// What happens beyond ``queuedBytes``.
        public var overflow = Overflow.close
        /// The line and the headers of a request to the control API.
        public var controlHead = 10_000
        /// The body of a request to the control API.
        public var controlBody = 1_000_000
        /// Connections to the control API.
        public var controlConnections = 128
        /// What publishers have sent and no client's connection has got yet, in bytes; beyond it they wait, those in the
        /// same process too.
        public var publishedBytes = 64_000_000

        /// The share of file descriptors kept for publishers, as a divisor: 8 keeps an eighth.
        ///
        /// At least 4, so that there are some for clients. Not more are kept than ``controlConnections``.
        public var publisherDescriptors = 8
        /// The share of file descriptors kept for connections to origins, as a divisor: 8 keeps an eighth.
        ///
        /// At least 4, so that there are some for clients. Not more than 256 are kept.
        public var originDescriptors = 8
        /// Lines of the log that say the same about the same thing, in ``logInterval``.
        ///
        /// Further ones are counted and not written.
        public var logLines = 10
        /// The time in which ``logLines`` are written.
        public var logInterval: Duration = .seconds(10)
        /// A text of a client, an origin or a publisher in a line of the log or the access log.
        ///
        /// A longer one is cut.
        public var logText = 256
        /// What waits to be written to the log, and to the access log, of `grip proxy`.
        ///
        /// Further lines are dropped and counted: nobody waits for a reader of the log.
        public var logQueue = 1_000_000

        /// Makes limits with the defaults.
        public init() {}
    }
}
