package import GRIP
package import GRIPPublisher
import GRIPSignature
import Logging
import Synchronization

/// What an origin knows of the proxies in its own process: the key that they sign with, and where to publish.
///
/// There is one proxy for each server that runs: usually one, none before it runs and after it has ended.
package final class GRIPEmbedding: GRIPPublishing {
    private struct State {
        var proxies: [(id: Int, proxy: any GRIPPublishing)] = []
        var lastID = 0
        var presence: (any GRIPPresence)?
    }

    /// Who signs requests, as their tokens name it.
    package static let issuer = "embedded"

    /// What the proxies sign requests with: nobody else has ever seen it.
    package let key: GRIPKey
    let verifier: GRIPSignatureVerifier
    private let prefix: GRIPPrefix
    /// What publishes to other instances while no proxy of this process does.
    private let elsewhere: (any GRIPPublishing)?
    private let logger: Logger
    /// What runs beside the servers, as it is added.
    private let tasks: AsyncStream<@Sendable () async -> Void>
    private let addTask: AsyncStream<@Sendable () async -> Void>.Continuation
    private let state = Mutex(State())

    init(
        prefix: GRIPPrefix,
        otherKeys: [GRIPTrustedKey],
        leeway: Duration,
        elsewhere: (any GRIPPublishing)? = nil,
        logger: Logger
    ) throws(GRIPError) {
        var generator = SystemRandomNumberGenerator()
        self.key = try GRIPKey(secret: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        let own = try GRIPTrustedKey(self.key, issuer: Self.issuer)
        self.verifier = GRIPSignatureVerifier(keys: otherKeys + [own], leeway: leeway)
        self.prefix = prefix
        self.elsewhere = elsewhere
        self.logger = logger
        (self.tasks, self.addTask) = AsyncStream.makeStream()
    }

    // MARK: Proxies

    /// Publishes to a proxy too, until it is removed.
    ///
    /// - Parameter proxy: A proxy that runs.
    /// - Returns: What to call ``remove(_:)`` with.
    package func add(_ proxy: any GRIPPublishing) -> Int {
        self.state.withLock { state in
            state.lastID += 1
            state.proxies.append((state.lastID, proxy))
            return state.lastID
        }
    }

    package func remove(_ id: Int) { self.state.withLock { $0.proxies.removeAll { $0.id == id } } }

    // MARK: Presence

    /// Asks a proxy who is on which channel, from now on.
    package func use(_ presence: any GRIPPresence) { self.state.withLock { $0.presence = presence } }

    /// Who is on which channel, as handlers name them.
    var presence: any GRIPPresence {
        guard let presence = self.state.withLock({ $0.presence }) else {
            return UnavailablePresence(reason: "the server of this application has not been made yet")
        }
        return self.prefix == .none ? presence : PrefixedPresence(base: presence, prefix: self.prefix)
    }

    /// A closure about departures that gets channels as handlers name them.
    package func localizing(
        _ body: @escaping @Sendable (GRIPDeparture) async -> Void
    ) -> @Sendable (GRIPDeparture) async -> Void {
        // Not this: the proxy has the closure, and this has the proxy.
        let prefix = self.prefix
        return { await body(prefix == .none ? $0 : PrefixedPresence.localized($0, prefix)) }
    }

    // MARK: Life

    /// Adds what runs for as long as the origin does, such as the bus of a proxy.
    ///
    /// - Parameter body: What runs; it ends when its task is cancelled.
    package func addTask(_ body: @escaping @Sendable () async -> Void) { self.addTask.yield(body) }

    /// Runs what is added, until this task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await task in self.tasks { group.addTask { await task() } }
            group.cancelAll()
        }
    }

    private var proxies: [any GRIPPublishing] { self.state.withLock { $0.proxies.map(\.proxy) } }

    // MARK: Publishing

    /// Publishes to the clients of this process.
    ///
    /// Without a server that runs there are none: what is published goes to other instances, where the configuration has a
    /// bus, and the publish has succeeded when nothing was done, where it has none.
    @discardableResult
    package func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try await self.publish(publications, countingDeliveries: false)
    }

    @discardableResult
    package func publish(
        _ publications: [GRIPPublication],
        countingDeliveries: Bool
    ) async throws -> GRIPPublishResult {
        try GRIPPublication.checkLines(publications)
        let proxies = self.proxies
        if proxies.isEmpty, let elsewhere { return try await elsewhere.publish(publications) }
        let prefixed = self.prefixed(publications)
        var outcomes: [GRIPPublishResult.Outcome] = []
        for proxy in proxies {
            outcomes += try await proxy.publish(prefixed, countingDeliveries: countingDeliveries).outcomes
        }
        if outcomes.isEmpty {
            outcomes.append(
                .init(
                    controlURI: "embedded:",
                    accepted: publications.count,
                    deliveries: countingDeliveries ? 0 : nil
                )
            )
        }
        return GRIPPublishResult(outcomes: outcomes)
    }

    @discardableResult
    package func enqueue(_ publications: [GRIPPublication]) -> Bool {
        // A proxy would say so too, but there may be none yet.
        guard publications.areValid(logger: self.logger) else { return false }
        let proxies = self.proxies
        if proxies.isEmpty, let elsewhere { return elsewhere.enqueue(publications) }
        let prefixed = self.prefixed(publications)
        return proxies.reduce(true) { $1.enqueue(prefixed) && $0 }
    }

    private func prefixed(_ publications: [GRIPPublication]) -> [GRIPPublication] {
        guard self.prefix != .none else { return publications }
        return publications.map { GRIPPublication($0.item, to: $0.channel.prefixed(by: self.prefix)) }
    }
}
