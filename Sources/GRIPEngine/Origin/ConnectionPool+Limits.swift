extension ConnectionPool {
    /// What the connections of one pool may be.
    package struct Limits: Sendable, Hashable {
        /// Connections to one server, those that are being made among them.
        package var connections: Int
        /// How many of these may serve requests whose answers no client waits for.
        package var unawaited: Int
        /// Requests to one server that wait for a connection.
        package var waiting: Int
        /// How long a request waits for a connection.
        package var waitTime: Duration
        /// How long an idle connection is kept, unless the server says a shorter time.
        package var idleTime: Duration
        /// How long after its last response a connection is used for a request that must not be sent twice, unless
        /// the server says a longer time.
        package var freshTime: Duration

        /// Makes limits.
        ///
        /// - Parameters:
        ///   - connections: Connections to one server, for all pools together; each pool has its part.
        ///   - waiting: Requests to one server that wait for a connection, for all pools together.
        ///   - poolCount: How many pools there are.
        ///   - waitTime: How long a request waits for a connection.
        ///   - idleTime: How long an idle connection is kept.
        ///   - freshTime: How long a connection counts as just used.
        package init(
            connections: Int,
            waiting: Int,
            poolCount: Int = 1,
            waitTime: Duration,
            idleTime: Duration,
            freshTime: Duration
        ) {
            self.connections = max(1, connections / max(1, poolCount))
            self.unawaited = max(1, self.connections / 8)
            self.waiting = max(1, waiting / max(1, poolCount))
            self.waitTime = waitTime
            self.idleTime = idleTime
            self.freshTime = freshTime
        }
    }

    /// What a request needs of a connection.
    package struct Wish: Sendable, Hashable {
        package var server: OriginServer
        /// Whether the request can be sent again when the server ends the connection before it answers.
        package var isRepeatable: Bool
        /// Whether a client waits for the answer.
        package var isAwaited: Bool
        /// Whether only a connection will do that was not used before.
        package var isFresh: Bool

        package init(server: OriginServer, isRepeatable: Bool, isAwaited: Bool, isFresh: Bool = false) {
            self.server = server
            self.isRepeatable = isRepeatable
            self.isAwaited = isAwaited
            self.isFresh = isFresh
        }
    }

    package typealias ConnectionID = Int
    /// The number of a request that waits; later ones have greater numbers.
    package typealias Ticket = UInt64

    package enum Answer: Sendable, Hashable {
        /// The request goes out on an idle connection.
        case use(ConnectionID)
        /// A connection is to be made for it; an idle one may have to be closed to make room.
        case connect(ConnectionID, closing: ConnectionID?)
        /// It gets a ``Turn`` later.
        case wait(Ticket)
        /// Too many wait already.
        case refuse
    }

    /// A request that need not wait any more, and what it gets.
    package struct Turn: Sendable, Hashable {
        package var ticket: Ticket
        package var answer: Answer

        package init(ticket: Ticket, answer: Answer) {
            self.ticket = ticket
            self.answer = answer
        }
    }

    /// What becomes of a connection whose request is done.
    package enum Released: Sendable, Hashable {
        /// It is idle.
        case kept
        /// It serves a request that waited.
        case next(Ticket)
        /// It is to be closed, and removed when it is.
        case close
    }

    /// What is due.
    package struct Expired: Sendable, Hashable {
        /// Connections that nobody has used for too long.
        package var connections: [ConnectionID] = []
        /// Requests that have waited for too long.
        package var tickets: [Ticket] = []
        /// Whether there is more, which another call gives.
        package var hasMore = false

        package init() {}
    }
}
