import GRIP
import NIOCore

extension ConformanceEnvironment {
    /// Publishes until a held response comes.
    ///
    /// A client does not see that its request is held, and what is published before is lost.
    @discardableResult
    func publish(
        _ format: GRIPFormat,
        to channel: String? = nil,
        untilAnswered poll: ClientConnection
    ) async throws -> ClientConnection.Response {
        try await self.answer(poll) { try await self.publish(format, to: channel) }
    }

    /// Does something that answers a held request, again and again until it is answered.
    func answer(
        _ poll: ClientConnection,
        by publish: () async throws -> Void
    ) async throws -> ClientConnection.Response {
        let deadline = ContinuousClock.now + self.patience
        while ContinuousClock.now < deadline {
            try await publish()
            if let head = try await poll.headIfAny(within: .milliseconds(100)) {
                return ClientConnection.Response(head: head, body: try await poll.rest())
            }
        }
        throw GRIPConformanceFailure(expected: "a response to the held request", observed: "none")
    }

    /// Begins a request that is to be held, and waits until the origin has been asked.
    func poll(
        _ page: OriginPage,
        _ method: String = "GET",
        _ fields: HeaderList = [:],
        body: String? = nil,
        requests: Int = 1
    ) async throws -> ClientConnection {
        let connection = try await self.begin(method, page.path, fields, body: body)
        try await page.request(requests)
        return connection
    }

    /// Lets a proxy come to an end with what the origin has answered before.
    ///
    /// Where nothing shows that a request is held, another one that is held later shows it: its stream begins and
    /// receives what is published.
    func settle() async throws {
        let channel = "\(self.channel)-settle-\(UInt64.random(in: .min ... .max))"
        let page = self.page(.response(.stream(channel)), named: channel)
        let stream = try await self.stream(page.path)
        try await self.publish(.httpStream("settled\n"), to: channel)
        try await stream.body(until: "settled\n")
        stream.close()
    }

    /// Gives the scenario's channel a subscriber, and lets the time pass in which a proxy may ask the origin again.
    ///
    /// Proxies may update the clients of a channel about a second after its first subscriber came, which looks like
    /// what some scenarios wait for. Afterwards the channel's ids are remembered too.
    func warmChannel() async throws -> ClientConnection {
        let path = self.path("warm-next")
        let next = self.page(.response(.page(self.channel, next: path, body: "[again]\n")), named: "warm-next")
        let page = self.page(.response(.page(self.channel, next: path, body: "[open]\n")), named: "warm")
        let stream = try await self.stream(page.path)
        do {
            try await next.request(within: .milliseconds(1600))
            try await stream.body(until: "[again]\n")
        } catch is GRIPConformanceFailure {
            // This proxy does not do it.
        }
        return stream
    }
}
