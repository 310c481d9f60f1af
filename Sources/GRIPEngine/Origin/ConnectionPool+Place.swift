import NIOCore

extension ConnectionPool {
    struct Address: Hashable {
        let host: String
        let port: Int
    }

    struct Idle {
        let id: ConnectionID
        let server: OriginServer
        let since: EngineTime
        /// When it is not used any more.
        let end: EngineTime
        /// Until when it serves requests that must not be sent twice.
        let freshEnd: EngineTime
    }

    struct Waiting {
        let ticket: Ticket
        let wish: Wish
        let deadline: EngineTime
    }

    /// What there is of one server.
    struct Place {
        let address: Address
        /// In the order in which they became idle.
        var idle: [Idle] = []
        var count = 0
        var unawaitedCount = 0
        var awaited = CircularBuffer<Waiting>()
        var unawaited = CircularBuffer<Waiting>()

        var waitingCount: Int { self.awaited.count + self.unawaited.count }
        var isEmpty: Bool { self.count == 0 && self.waitingCount == 0 }
    }

    struct Connection {
        enum State { case none, busy, idle, leaving }

        var state = State.none
        var place = 0
        var server: OriginServer?
        var isAwaited = true
        var responseCount = 0
        /// The largest number of responses that the server has told of.
        var maximum = 0
    }
}

extension ConnectionPool.Idle {
    /// Whether a request may go out on it.
    func serves(_ wish: ConnectionPool.Wish, now: EngineTime) -> Bool {
        now < self.end && (wish.isRepeatable || now <= self.freshEnd) && self.server == wish.server
    }
}
