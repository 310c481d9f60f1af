import NIOCore

/// What waits for an answer of the server or of somebody behind it.
struct NATSExchanges {
    private var pings: [UInt64: EventLoopPromise<Void>] = [:]
    private var requests: [UInt64: EventLoopPromise<GRIPNATSMessage>] = [:]
    /// Who waits for a connection.
    private var waiting: [UInt64: EventLoopPromise<Void>] = [:]
    /// The ping after which there is nothing more to do.
    var lastPing: UInt64?

    mutating func await(_ ping: UInt64, _ promise: EventLoopPromise<Void>) { self.pings[ping] = promise }

    mutating func await(_ request: UInt64, _ promise: EventLoopPromise<GRIPNATSMessage>) {
        self.requests[request] = promise
    }

    /// Takes the answer to a ping.
    ///
    /// - Returns: Whether it was the last one.
    mutating func answered(_ ping: UInt64) -> Bool {
        self.pings.removeValue(forKey: ping)?.succeed()
        return ping == self.lastPing
    }

    /// Takes the answer to a request; one that comes too late counts for nothing.
    mutating func answered(_ request: UInt64, _ result: Result<GRIPNATSMessage, GRIPNATSError>) {
        guard let promise = self.requests.removeValue(forKey: request) else { return }
        switch result {
        case .success(let message): promise.succeed(message)
        case .failure(let error): promise.fail(error)
        }
    }

    mutating func awaitConnection(_ id: UInt64, _ promise: EventLoopPromise<Void>) { self.waiting[id] = promise }

    mutating func connected() {
        let waiting = self.waiting.values
        self.waiting = [:]
        for promise in waiting { promise.succeed() }
    }

    /// Ends the wait for a connection or for the answer to a ping; that answer, when it comes, is for nobody.
    mutating func cancel(_ id: UInt64) {
        self.waiting.removeValue(forKey: id)?.fail(CancellationError())
        self.pings.removeValue(forKey: id)?.fail(CancellationError())
    }

    /// Ends everything, because there will be no other connection.
    mutating func end(_ error: GRIPNATSError) {
        let waiting = self.waiting.values
        self.waiting = [:]
        for promise in waiting { promise.fail(error) }
        self.fail(error)
    }

    /// Ends what needs the connection that is lost.
    mutating func fail(_ error: GRIPNATSError) {
        let pings = self.pings.values
        let requests = self.requests.values
        self.pings = [:]
        self.requests = [:]
        for promise in pings { promise.fail(error) }
        for promise in requests { promise.fail(error) }
    }
}
