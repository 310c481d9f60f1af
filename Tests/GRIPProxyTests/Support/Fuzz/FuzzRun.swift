import GRIP
import GRIPEngine
import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

/// A proxy and an origin that many clients with scripts are sent to.
struct FuzzRun: Sendable {
    let proxy: ProxyScope
    let origin: FuzzOrigin
    let seed: UInt64
    /// What else a test is told about an input that fails.
    var explanation: @Sendable (Int) -> String = { _ in "" }

    private var core: ProxyCore { self.proxy.server.core }

    /// Runs a proxy in front of an origin.
    static func with(
        _ origin: FuzzOrigin,
        seed: UInt64,
        routes: @escaping (Int) -> [GRIPRouteLine],
        _ body: (FuzzRun) async throws -> Void
    ) async throws {
        let key = try GRIPKey("the key of the fuzz tests")
        try await origin.run { port in
            try await withProxy { configuration in
                configuration.routes = routes(port)
                configuration.key = key
                configuration.allowsCrossOrigin = true
                configuration.delivery.subscriptionLinger = .zero
                configuration.delivery.updatesOnFirstSubscription = false
                configuration.timeouts.webSocketClose = .seconds(1)
                configuration.timeouts.originIdle = .seconds(1)
            } _: {
                try await body(FuzzRun(proxy: $0, origin: origin, seed: seed))
            }
        }
    }

    // MARK: Clients

    /// Sends clients to the proxy, all at once.
    ///
    /// - Parameters:
    ///   - scripts: What they do.
    ///   - first: The number of the first.
    ///   - whileStaying: What is done when only those who stay are left.
    /// - Returns: What each of them got.
    func run(
        _ scripts: [ClientScript],
        from first: Int,
        whileStaying: () async throws -> Void
    ) async throws -> [ClientTranscript?] {
        let loop = self.proxy.group.any()
        let released = loop.makePromise(of: Void.self)
        let ends = scripts.map { FuzzClient.run($0, to: self.proxy.clients[0], released: released.futureResult) }
        for (script, end) in zip(scripts, ends) where !script.stays { _ = try await end.get() }
        do {
            try await whileStaying()
        } catch {
            released.succeed(())
            throw error
        }
        released.succeed(())
        var transcripts: [ClientTranscript?] = []
        for (index, end) in ends.enumerated() {
            transcripts.append(self.transcript(of: try await end.get(), scripts[index], first + index))
        }
        return transcripts
    }

    private func transcript(
        of outcome: FuzzClient.Outcome,
        _ script: ClientScript,
        _ index: Int
    ) -> ClientTranscript? {
        guard !script.leaves else { return nil }
        if outcome.isOverdue {
            Issue.record("The proxy does not end the connection. \(self.about(script, index, outcome))")
        }
        do {
            let mayHaveAskedForHead = script.sent.firstRange(of: Array("HEAD".utf8)) != nil
            return try ClientTranscript(outcome.received, mayHaveAskedForHead: mayHaveAskedForHead)
        } catch {
            Issue.record("\(error). \(self.about(script, index, outcome))")
            return nil
        }
    }

    private func about(_ script: ClientScript, _ index: Int, _ outcome: FuzzClient.Outcome) -> String {
        """
        Seed \(self.seed), input \(index).
        Sent: \(script.steps.map(\.description).joined(separator: ", "))
        Received: \(Array(outcome.received.prefix(4000)).escaped)
        \(self.explanation(index))
        """
    }

    // MARK: The end

    /// Waits until the only connections that are open are held, or are let wait for their WebSocket.
    ///
    /// Once the origin is not asked any more, it closes its connections: whoever waits for more of a response gets none.
    ///
    /// - Parameter total: How many clients have come since the proxy began.
    func waitUntilOthersEnd(of total: Int) async throws {
        try await self.proxy.wait("Clients are connected") {
            try await self.proxy.count { $0.counters.connectionsOpened } >= total
        }
        var requestCount = -1
        try await self.proxy.wait("All but held connections end") {
            let count = self.origin.requestCount
            if count == requestCount { self.origin.closeConnections() }
            requestCount = count
            let isAsked = self.origin.connectionCount > 0
            return try await self.proxy.count { loop in
                loop.clients.values.count { client in
                    guard case .handshake? = (client as? HTTP1ClientHandler)?.phase else { return client.member == nil }
                    return isAsked
                }
            } == 0
        }
    }

    /// Checks that nothing is left of clients that are gone, and that the next one is served.
    func checkEnd() async throws {
        try await self.proxy.wait("The connections of clients end") { try await self.core.openCount() == 0 }
        try await self.proxy.wait("Subscriptions end") { try await self.proxy.count { $0.registry.count } == 0 }
        try await self.proxy.wait("WebSockets and requests for links end") {
            self.origin.closeConnections()
            return try await self.proxy.count { $0.kept.count } == 0
        }
        try await self.proxy.wait("The channels of the hub end") {
            try await self.core.measurements(on: self.proxy.group.any()).get().levels.channels == 0
        }
        try await self.proxy.wait("The connections to the origin end") { self.origin.connectionCount == 0 }
        for mistake in self.origin.mistakes.prefix(10) { Issue.record("Seed \(self.seed). \(mistake)") }
        try await self.proxy.client { connection in
            try await connection.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try #require(try await connection.response())
            #expect(response.code == 200 && response.body == "hello")
        }
    }
}

extension ClientScript.Step {
    fileprivate var description: String {
        if case .send(let bytes) = self { "send \"\(bytes.escaped)\"" } else { "\(self)" }
    }
}
