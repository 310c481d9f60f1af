public import Configuration
public import GRIP
public import GRIPPublisher
package import GRIPSignature
public import HTTPTypes
public import Logging
public import ServiceLifecycle
import Synchronization

/// An origin's side of GRIP: its configuration, its publisher, and the decisions about its requests and responses.
///
/// A web application has one, shared by its middleware and by whatever publishes:
///
/// ```swift
/// let grip = try GRIPOrigin()  // GRIP_URL and the like from the environment
/// try await grip.publish(.httpStream("hello\n"), to: "test")
/// ```
///
/// As a service it sends what was enqueued, and ends with it sent. A process that only publishes needs no origin: it
/// uses `GRIPHTTPPublisher` alone.
public final class GRIPOrigin: GRIPPublishing, Service {
    /// How this origin works with its proxies.
    public let configuration: GRIPConfiguration
    let metaSeals: MetaSeals
    /// What publishes to the proxies, or to the one in this process.
    public var publisher: any GRIPPublishing { self.embedding.withLock { $0 } ?? self.configuredPublisher }

    /// Where signatures that do not verify, and publishes and WebSocket handlers that fail, are logged.
    public let logger: Logger
    private let configuredPublisher: any GRIPPublishing
    private let keys: [GRIPTrustedKey]
    package let verifier: GRIPSignatureVerifier?
    /// What signs and verifies the claims of links, the one that signs first; see ``claimsSeals()``.
    private let configuredSeals: [ClaimsSeal]
    private let needsSignature: Bool
    private let hasKeylessProxy: Bool
    private let embedding = Mutex<GRIPEmbedding?>(nil)
    private let installation = Mutex(Installation())
    private let hasWarnedOfMeta = Mutex(false)
    private let signaturePace = LinePace()
    let channelPace = LinePace()
    let originPace = LinePace()
    let claimsPace = LinePace()

    /// Makes an origin from a configuration in code.
    ///
    /// - Parameters:
    ///   - configuration: How the origin works with its proxies.
    ///   - publisher: What publishes as long as no proxy is embedded; by default a `GRIPHTTPPublisher` to the proxies
    ///     configured, or one to all instances where there are none and a bus is configured. Without either, publishing
    ///     fails.
    ///   - logger: Where signatures that do not verify are logged, at level `info`, and what fails, at level `error`.
    /// - Throws: `GRIPError` when a key cannot be used; `GRIPBusConfigurationError` when a setting of the bus cannot.
    public init(
        _ configuration: GRIPConfiguration,
        publisher: (any GRIPPublishing)? = nil,
        logger: Logger = Logger(label: "grip")
    ) throws {
        self.configuration = configuration
        self.metaSeals = try MetaSeals(configuration)
        self.logger = logger
        let proxies = configuration.verifiedProxies
        var keys = try proxies.flatMap { proxy in
            try ((proxy.verifyKey.map { [$0] } ?? []) + proxy.otherVerifyKeys).map { key in
                try GRIPTrustedKey(key, issuer: proxy.verifyIssuer)
            }
        }
        if proxies.isEmpty, let key = configuration.verifyKey { keys.append(try GRIPTrustedKey(key)) }
        self.keys = keys
        self.verifier =
            keys.isEmpty ? nil : GRIPSignatureVerifier(keys: keys, leeway: configuration.signatureLeeway)
        self.configuredSeals = try configuration.sealingKeys.map { key throws(GRIPError) in try ClaimsSeal(key) }
        self.hasKeylessProxy = proxies.contains(where: { $0.verifyKey == nil && $0.otherVerifyKeys.isEmpty })
        self.needsSignature = !keys.isEmpty && !self.hasKeylessProxy
        self.configuredPublisher =
            try publisher
            ?? Self.publisher(
                GRIPPublisherConfiguration(proxies: configuration.proxies, prefix: configuration.prefix),
                bus: configuration.bus,
                logger: logger
            )
    }

    private static func publisher(
        _ configuration: GRIPPublisherConfiguration,
        bus: GRIPBusConfiguration,
        logger: Logger
    ) throws -> any GRIPPublishing {
        if !configuration.proxies.isEmpty {
            return try GRIPHTTPPublisher(configuration: configuration, logger: logger)
        }
        return bus.isEnabled
            ? try BusPublisher(bus, prefix: configuration.prefix, logger: logger) : UnconnectedPublisher()
    }

    /// Makes an origin from a configuration reader.
    ///
    /// - Parameters:
    ///   - config: Where to read; see ``GRIPConfiguration/init(config:)`` for the keys, those of the publisher included.
    ///   - logger: Where signatures that do not verify are logged, at level `info`, and what fails, at level `error`.
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used; `GRIPError` when a key
    ///   cannot be loaded.
    public convenience init(config: ConfigReader, logger: Logger = Logger(label: "grip")) throws {
        let configuration = try GRIPConfiguration(config: config)
        let publisher = try Self.publisher(
            GRIPPublisherConfiguration(config: config.scoped(to: "grip")),
            bus: configuration.bus,
            logger: logger
        )
        try self.init(configuration, publisher: publisher, logger: logger)
    }

    /// Makes an origin from the process's environment variables.
    ///
    /// - Parameter logger: Where signatures that do not verify are logged, at level `info`, and what fails, at level
    ///   `error`.
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used; `GRIPError` when a key
    ///   cannot be loaded.
    public convenience init(logger: Logger = Logger(label: "grip")) throws {
        try self.init(config: ConfigReader(provider: EnvironmentVariablesProvider()), logger: logger)
    }

    // MARK: Requests

    /// Looks at a request.
    ///
    /// - Parameter request: The head of the request, as the framework has got it.
    /// - Returns: What is known about the way the request has come, ``GRIPRequestState/lastEventID`` and
    ///   ``GRIPRequestState/linkClaims`` included.
    public func inspect(_ request: HTTPRequest) -> GRIPRequestState {
        self.inspect(GRIPRequest(fields: request.headerFields), head: request)
    }

    /// Looks at a request's headers.
    ///
    /// - Parameter request: What the headers say.
    /// - Returns: What is known about the way the request has come, as far as these headers tell.
    public func inspect(_ request: GRIPRequest) -> GRIPRequestState { self.inspect(request, head: nil) }

    private func inspect(_ request: GRIPRequest, head: HTTPRequest?) -> GRIPRequestState {
        let embedding = self.embedding.withLock { $0 }
        let needsSignature = self.needsSignature || embedding != nil
        guard let signature = request.signature else {
            return self.state(request, head, isProxied: false, isSigned: false, needsSignature: needsSignature)
        }
        if let verifier = embedding?.verifier ?? self.verifier {
            do {
                _ = try verifier.verify(signature)
                return self.state(request, head, isProxied: true, isSigned: true, needsSignature: needsSignature)
            } catch {
                self.signatureFailed(error, head)
            }
        }
        return self.state(
            request,
            head,
            isProxied: self.hasKeylessProxy,
            isSigned: false,
            needsSignature: needsSignature
        )
    }

    private func state(
        _ request: GRIPRequest,
        _ head: HTTPRequest?,
        isProxied: Bool,
        isSigned: Bool,
        needsSignature: Bool
    ) -> GRIPRequestState {
        var request = request
        if !isSigned, !request.meta.isEmpty {
            request.meta = [:]
            if !needsSignature { self.warnOfMeta() }
        }
        if isSigned { self.metaSeals.check(&request, logger: self.logger) }
        return GRIPRequestState(
            isProxied: isProxied,
            isSigned: isSigned,
            needsSignature: needsSignature,
            request: request,
            head: head,
            origin: self
        )
    }

    /// Says why a request does not count as signed.
    ///
    /// Wrong keys and issuers look like "nothing is held" to the person who configured them. Anybody can send such requests,
    /// so that it is not said for each.
    private func signatureFailed(_ error: GRIPSignatureError, _ head: HTTPRequest?) {
        guard let leftOut = self.signaturePace.next() else { return }
        var metadata: Logger.Metadata = ["grip.reason": "\(error)"]
        if let path = head?.path.map(GRIPRequestState.path) { metadata["grip.path"] = "\(path)" }
        if leftOut > 0 { metadata["grip.left_out"] = "\(leftOut)" }
        self.logger.info(
            """
            Grip-Sig does not verify, and the request counts as unsigned: \(error); compare the key and the issuer \
            that the proxy signs with to those configured here
            """,
            metadata: metadata
        )
    }

    /// Says once that meta is dropped, which otherwise shows only as meta that is never there.
    private func warnOfMeta() {
        guard self.hasWarnedOfMeta.withLock({ !exchange(&$0, with: true) }) else { return }
        self.logger.warning(
            """
            the meta of WebSockets is dropped, because anybody could have written it; set GRIP_VERIFY_KEY to the key \
            that the proxy signs with
            """
        )
    }

    /// What signs and verifies the claims of links: the first signs, all are believed.
    func claimsSeals() throws(GRIPError) -> [ClaimsSeal] {
        guard self.configuration.applicationKey == nil, let embedding = self.embedding.withLock({ $0 }) else {
            return self.configuredSeals
        }
        return [try ClaimsSeal(embedding.key)] + self.configuredSeals
    }

    // MARK: Embedding

    /// What this knows of proxies in the same process, or `nil` where there are none.
    var currentEmbedding: GRIPEmbedding? { self.embedding.withLock { $0 } }

    /// Makes this the origin of proxies in the same process.
    ///
    /// Only requests that they have signed count as proxied from now on, besides those that ``GRIPConfiguration/verifyKey``
    /// verifies, and everything is published to them.
    ///
    /// - Throws: `GRIPError` when a key cannot be made.
    /// - Returns: The same one each time.
    package func embed() throws(GRIPError) -> GRIPEmbedding {
        try self.embedding.withLock { embedding throws(GRIPError) in
            if let embedding { return embedding }
            let new = try GRIPEmbedding(
                prefix: self.configuration.prefix,
                otherKeys: self.keys,
                leeway: self.configuration.signatureLeeway,
                elsewhere: self.configuredPublisher as? BusPublisher,
                logger: self.logger
            )
            embedding = new
            return new
        }
    }

    // MARK: Publishing

    /// Publishes to all proxies and waits for their answers.
    ///
    /// A failure is logged at level `error` with the proxies that failed, because a handler that does not catch it
    /// leaves only a bare status to its client.
    ///
    /// - Parameter publications: What to publish, and to which channels.
    /// - Throws: `GRIPPublishError` when a proxy did not take it; `GRIPError` with the code `item` where an id has line ends.
    /// - Returns: Each proxy's outcome.
    @discardableResult
    public func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try await self.publish(publications, countingDeliveries: false)
    }

    /// Publishes as ``publish(_:)`` does, and counts the connections that have got something where the proxies tell.
    ///
    /// - Parameters:
    ///   - publications: What to publish, and to which channels.
    ///   - countingDeliveries: Whether to count; see `GRIPPublishResult.deliveries`.
    /// - Throws: `GRIPPublishError` when a proxy did not take it; `GRIPError` with the code `item` where an id has line ends.
    /// - Returns: Each proxy's outcome.
    @discardableResult
    public func publish(
        _ publications: [GRIPPublication],
        countingDeliveries: Bool
    ) async throws -> GRIPPublishResult {
        let publisher = self.publisher
        do {
            return try await publisher.publish(publications, countingDeliveries: countingDeliveries)
        } catch {
            // That publisher has logged the failures of proxies already, also for processes that have no origin.
            let isLogged =
                publisher is GRIPHTTPPublisher && (error as? GRIPPublishError)?.result.failures.isEmpty == false
            if !isLogged { self.logger.failedPublish(error) }
            throw error
        }
    }

    /// Queues publications for all proxies and returns at once.
    ///
    /// - Parameter publications: What to publish, and to which channels.
    /// - Returns: Whether there was room for all of them.
    @discardableResult
    public func enqueue(_ publications: [GRIPPublication]) -> Bool { self.publisher.enqueue(publications) }

    // MARK: Life cycle

    /// Notes that an adapter applies this origin's decisions.
    ///
    /// The adapter calls this where it is made, as the initializer of a middleware. Without it ``run()`` throws.
    public func markInstalled() { self.installation.withLock { $0.isInstalled = true } }

    /// Names what is missing, in a framework's words, where no adapter has been installed when the origin runs.
    ///
    /// An adapter calls this where its users begin without a middleware, as where they make a server. It is not needed:
    /// without it the error speaks of an adapter.
    ///
    /// - Parameters:
    ///   - adapter: What calls ``markInstalled()``, as its users know it; the key of the error.
    ///   - advice: What to do, in words or code.
    public func expectInstallation(of adapter: String, advice: String) {
        self.installation.withLock { $0.missing = (adapter, advice) }
    }

    /// Throws where nothing applies this origin's decisions, which would show only as streams that end at once.
    func checkInstalled() throws {
        let installation = self.installation.withLock { $0 }
        guard !installation.isInstalled else { return }
        throw GRIPConfigurationError(
            key: installation.missing.adapter,
            reason: "it has not been made; " + installation.missing.advice
        )
    }

    /// Sends what is enqueued until the service is shut down, and then what is left.
    ///
    /// - Throws: ``GRIPConfigurationError`` at once where no adapter has called ``markInstalled()``.
    public func run() async throws {
        try self.checkInstalled()
        if self.publisher is UnconnectedPublisher {
            self.logger.warning("no GRIP proxy is configured or embedded, nothing is held or published anywhere")
        } else if self.publisher is BusPublisher {
            self.logger.warning("no GRIP proxy is configured or embedded, nothing is held in this process")
        }
        let embedding = self.embedding.withLock { $0 }
        try await withThrowingDiscardingTaskGroup { group in
            if let embedding { group.addTask { await embedding.run() } }
            // What is embedded ends after the servers, which are services too.
            defer { group.cancelAll() }
            if let service = self.configuredPublisher as? any Service {
                try await service.run()
            } else {
                try await gracefulShutdown()
            }
        }
    }
}

/// Whether an adapter applies an origin's decisions, and what to say where none does.
private struct Installation {
    var isInstalled = false
    var missing = (
        adapter: "the adapter to the web framework",
        advice:
            "make the middleware of the framework's GRIP module and add it before the routes; an adapter of your own "
            + "calls markInstalled()"
    )
}
