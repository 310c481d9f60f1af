public import AsyncHTTPClient
public import GRIP
public import Logging
package import Metrics
import NIOCore
import Synchronization
package import Tracing

/// Publishes to the control APIs of one or more proxies over HTTP.
///
/// Every proxy receives everything, all at the same time, and a failing one stops none of the others.
///
/// ``publish(_:)`` works at once and waits for the answers. ``enqueue(_:)`` needs ``run()``, as a service of a
/// `ServiceGroup` or through ``withGRIPHTTPPublisher(configuration:client:logger:_:)``: what is enqueued before is
/// kept, within the limits of the queue, and published then. A publisher owns no connections and needs no shutdown:
/// unless it is given a client, it shares one of the process.
public final class GRIPHTTPPublisher: GRIPPublishing {
    enum Phase { case notRun, running, ended }

    /// What the publisher was made with.
    public let configuration: GRIPPublisherConfiguration
    let lanes: [PublishLane]
    let phase = Mutex(Phase.notRun)
    private let logger: Logger
    /// Finishes when the shutdown begins.
    let closing: AsyncStream<Never>
    let closer: AsyncStream<Never>.Continuation

    /// Makes a publisher.
    ///
    /// - Parameters:
    ///   - configuration: Where to publish, and with what patience. Without proxies every publish fails; that is also
    ///     logged once, as a warning.
    ///   - client: A client to use in place of the one that publishers share. It stays the caller's to shut down, and
    ///     brings its own TLS, proxy, pool and tracing settings. It should not follow redirects: a redirect is a
    ///     failure either way. Its `connectionPool.idleTimeout` should be far below the time after which control APIs
    ///     close idle connections, or a publish may meet the end of one and fail; the shared client's is 25 ms.
    ///   - logger: Where losses and publishes that fail are logged, as errors, and retries, for debugging.
    /// - Throws: `GRIPError` of code `key` when the key of a proxy cannot sign tokens.
    public convenience init(
        configuration: GRIPPublisherConfiguration,
        client: HTTPClient? = nil,
        logger: Logger = Logger.current
    ) throws(GRIPError) {
        try self.init(
            configuration: configuration,
            client: client,
            logger: logger,
            metrics: MetricsSystem.factory,
            tracer: InstrumentationSystem.tracer
        )
    }

    package init(
        configuration: GRIPPublisherConfiguration,
        client: HTTPClient? = nil,
        logger: Logger,
        metrics: any MetricsFactory,
        tracer: any Tracer
    ) throws(GRIPError) {
        self.configuration = configuration
        self.logger = logger
        let transport = ControlTransport(
            client: client ?? ControlTransport.sharedClient,
            connectTimeout: configuration.connectTimeout,
            requestTimeout: configuration.requestTimeout
        )
        self.lanes = try configuration.proxies.map { proxy throws(GRIPError) in
            let name = proxy.controlURI.withoutQuery
            let endpoint = ControlEndpoint(
                name: name,
                uri: proxy.controlURI,
                credentials: try ControlCredentials(proxy.authorization),
                transport: transport,
                retry: configuration.retry,
                metrics: PublisherMetrics(proxy: name, factory: metrics),
                logger: logger,
                tracer: tracer,
                injectsContext: client == nil
            )
            return PublishLane(endpoint: endpoint, configuration: configuration)
        }
        (self.closing, self.closer) = AsyncStream.makeStream()
        if self.lanes.isEmpty { logger.warning("no GRIP proxy is configured, nothing will be published anywhere") }
    }

    /// Publishes, and returns when every proxy has answered.
    ///
    /// More publications than fit one request are sent in several, one after the other, up to the first that fails. A
    /// proxy's failure is logged too.
    ///
    /// - Parameter publications: What to publish. Each proxy receives it in this order.
    /// - Throws: ``GRIPPublishError`` when any proxy failed, also when the task was cancelled; or, before anything is
    ///   sent, when a publication is larger than proxies accept, or when there is no proxy. `GRIPError` with the code `item`
    ///   where an id or a previous id has line ends, which proxies refuse; nothing is sent then either.
    /// - Returns: The outcome of each proxy.
    @discardableResult
    public func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try await self.publish(publications, countingDeliveries: false)
    }

    /// Publishes as ``publish(_:)`` does, and asks the proxies how many connections have got something.
    ///
    /// - Parameters:
    ///   - publications: What to publish. Each proxy receives it in this order.
    ///   - countingDeliveries: Whether to ask (`Prefer: return=representation`), which proxies that cannot tell ignore.
    /// - Throws: What ``publish(_:)`` throws.
    /// - Returns: The outcome of each proxy.
    @discardableResult
    public func publish(
        _ publications: [GRIPPublication],
        countingDeliveries: Bool
    ) async throws -> GRIPPublishResult {
        try GRIPPublication.checkLines(publications)
        do throws(GRIPPublishError) {
            return try await self.publishToAll(publications, countingDeliveries)
        } catch {
            // What is not sent at all concerns no proxy, and is for the caller to mend.
            if !error.result.failures.isEmpty { self.logger.failedPublish(error) }
            throw error
        }
    }

    private func publishToAll(
        _ publications: [GRIPPublication],
        _ countsDeliveries: Bool
    ) async throws(GRIPPublishError) -> GRIPPublishResult {
        guard !self.lanes.isEmpty else { throw GRIPPublishError.noProxies }
        let objects = self.encode(publications)
        let limit = self.configuration.batch.maximumBytes
        for (index, object) in objects.enumerated() {
            let bytes = GRIPPublisherConfiguration.BatchLimits.requestBytes(of: object)
            guard bytes <= limit else { throw GRIPPublishError.itemTooLarge(index: index, bytes: bytes, limit: limit) }
        }
        let result = await self.publish(self.configuration.batch.batches(of: objects), countsDeliveries)
        guard result.failures.isEmpty else { throw GRIPPublishError(result) }
        return result
    }

    private func publish(_ batches: [PublishBatch], _ countsDeliveries: Bool) async -> GRIPPublishResult {
        // The common case needs no task of its own.
        if self.lanes.count == 1, let lane = self.lanes.first {
            return GRIPPublishResult(outcomes: [await lane.endpoint.send(batches, countsDeliveries)])
        }
        return await withTaskGroup(of: (Int, GRIPPublishResult.Outcome).self) { group in
            for (index, lane) in self.lanes.enumerated() {
                group.addTask { (index, await lane.endpoint.send(batches, countsDeliveries)) }
            }
            var outcomes: [(Int, GRIPPublishResult.Outcome)] = []
            for await outcome in group { outcomes.append(outcome) }
            return GRIPPublishResult(outcomes: outcomes.sorted { $0.0 < $1.0 }.map(\.1))
        }
    }

    /// Hands publications over to be published by ``run()``, and returns at once.
    ///
    /// Each proxy has a queue of its own, so that a slow one costs the others nothing. What waits is sent in batches,
    /// in order. A batch whose content a proxy refuses is sent again in halves, until the bad publication stands
    /// alone. Losses are logged as errors and counted, see ``GRIPPublisherMetrics``.
    ///
    /// - Parameter publications: What to publish; each queue takes it as a whole or not at all.
    /// - Returns: Whether all queues took it. False when one is full, when a publication is larger than proxies
    ///   accept or ``publish(_:)`` would not send it, after the shutdown, or when there is no proxy.
    @discardableResult
    public func enqueue(_ publications: [GRIPPublication]) -> Bool {
        guard publications.areValid(logger: self.logger) else { return false }
        let objects = self.encode(publications)
        let largest = objects.map(GRIPPublisherConfiguration.BatchLimits.requestBytes(of:)).max() ?? 0
        guard largest <= self.configuration.batch.maximumBytes else {
            for lane in self.lanes {
                let metadata: Logger.Metadata = ["grip.bytes": "\(largest)"]
                lane.lost(objects.count, .tooLarge, "a publication is larger than proxies accept", metadata: metadata)
            }
            return false
        }
        guard !self.lanes.isEmpty else { return false }
        let isRun = self.phase.withLock { $0 != .notRun }
        var isTaken = true
        for lane in self.lanes { isTaken = lane.enqueue(objects, isRun: isRun) && isTaken }
        return isTaken
    }

    private func encode(_ publications: [GRIPPublication]) -> [ByteBuffer] {
        let prefix = self.configuration.prefix
        return publications.map { GRIPPublication($0.item, to: $0.channel.prefixed(by: prefix)).json }
    }
}

extension GRIPControlURI {
    /// The URI without its query, which may hold a secret that we do not know as one.
    var withoutQuery: String {
        let port = self.port.map { ":\($0)" } ?? ""
        return "\(self.scheme)://\(self.host)\(port)\(self.path)"
    }
}
