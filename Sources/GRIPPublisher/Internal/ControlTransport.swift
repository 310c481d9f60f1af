import AsyncHTTPClient
import GRIP
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Makes single requests, each within its time.
struct ControlTransport: Sendable {
    /// The client of all publishers that were not given one.
    ///
    /// It belongs to the process and is never shut down, like `HTTPClient.shared`, so that a publisher owns nothing and
    /// works with or without being run. That one follows redirects, though, which turns a POST into a GET.
    static let sharedClient = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.clientConfiguration)

    private static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // The other side may be closing a connection that has been idle, and what is published on it would be lost: the
        // client cannot tell whether the proxy had read it, and nothing may be published twice.
        configuration.connectionPool.idleTimeout = .milliseconds(25)
        // Repeating is for the retry policy to decide, and waiting for the configuration's timeouts, which differ
        // from one publisher to another; this is only the longest that any may wait.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(60)
        // Spans and the injection of their context are the endpoint's, which knows what a publish is.
        configuration.tracing.tracer = nil
        return configuration
    }

    let client: HTTPClient
    let connectTimeout: Duration
    let requestTimeout: Duration

    /// Why there was no answer.
    enum Trouble: Error { case notConnected, noAnswer }

    /// Makes a request, and records what happens to it.
    ///
    /// - Parameters:
    ///   - request: The request; its body must be gated by the exchange.
    ///   - exchange: Where the answer goes.
    /// - Throws: What ended the request early. There may be an answer all the same, with a part of its body.
    func perform(_ request: HTTPClientRequest, _ exchange: ControlExchange) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.converse(request, exchange) }
            group.addTask { try await self.expire(exchange) }
            defer { group.cancelAll() }
            // The first to end decides; the other is cancelled.
            try await group.next()
        }
    }

    private func converse(_ request: HTTPClientRequest, _ exchange: ControlExchange) async throws {
        let response = try await self.client.execute(request, deadline: .distantFuture)
        exchange.received(
            .init(
                status: Int(response.status.code),
                wasRedirected: response.history.count > 1,
                busRefusal: response.headers.first(name: HTTPField.Name.gripBusRefused.rawName)
                    .flatMap(GRIPBusAcceptance.Refusal.init)
            )
        )
        var read = 0
        for try await bytes in response.body {
            exchange.received(bytes)
            read += bytes.readableBytes
            if read > ControlExchange.readBytes { break }
        }
    }

    private func expire(_ exchange: ControlExchange) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        if self.connectTimeout < self.requestTimeout {
            try await clock.sleep(until: start + self.connectTimeout)
            if exchange.withdraw() { throw Trouble.notConnected }
        }
        try await clock.sleep(until: start + self.requestTimeout)
        throw exchange.withdraw() ? Trouble.notConnected : Trouble.noAnswer
    }
}
