public import Configuration
public import GRIP
public import GRIPPublisher
package import GRIPSignature
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

    /// Where signatures that do not verify are logged.
    package let logger: Logger
    private let configuredPublisher: any GRIPPublishing
    private let keys: [GRIPTrustedKey]
    package let verifier: GRIPSignatureVerifier?
    private let needsSignature: Bool
    private let hasKeylessProxy: Bool
    private let embedding = Mutex<GRIPEmbedding?>(nil)
    private let isInstalled = Mutex(false)
    private let hasWarnedOfMeta = Mutex(false)

    /// Makes an origin from a configuration in code.
    ///
    /// - Parameters:
    ///   - configuration: How the origin works with its proxies.
    ///   - publisher: What publishes as long as no proxy is embedded; by default a `GRIPHTTPPublisher` to the proxies
    ///     configured. Without any, publishing fails.
    ///   - logger: Where signatures that do not verify are logged, at level `info`.
    /// - Throws: `GRIPError` when a key cannot be used.
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
        self.hasKeylessProxy = proxies.contains(where: { $0.verifyKey == nil && $0.otherVerifyKeys.isEmpty })
        self.needsSignature = !keys.isEmpty && !self.hasKeylessProxy
        self.configuredPublisher =
            try publisher
            ?? Self.publisher(
                GRIPPublisherConfiguration(proxies: configuration.proxies, prefix: configuration.prefix),
                logger: logger
            )
    }

    private static func publisher(
        _ configuration: GRIPPublisherConfiguration,
        logger: Logger
    ) throws -> any GRIPPublishing {
        guard !configuration.proxies.isEmpty else { return UnconnectedPublisher() }
        return try GRIPHTTPPublisher(configuration: configuration, logger: logger)
    }

    /// Makes an origin from a configuration reader.
    ///
    /// - Parameters:
    ///   - config: Where to read; see ``GRIPConfiguration/init(config:)`` for the keys, those of the publisher included.
    ///   - logger: Where signatures that do not verify are logged, at level `info`.
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used; `GRIPError` when a key
    ///   cannot be loaded.
    public convenience init(config: ConfigReader, logger: Logger = Logger(label: "grip")) throws {
        let configuration = try GRIPConfiguration(config: config)
        let publisher = try Self.publisher(
            GRIPPublisherConfiguration(config: config.scoped(to: "grip")),
            logger: logger
        )
        try self.init(configuration, publisher: publisher, logger: logger)
    }

    /// Makes an origin from the process's environment variables.
    ///
    /// - Parameter logger: Where signatures that do not verify are logged, at level `info`.
    /// - Throws: ``GRIPConfigurationError`` naming the key whose value cannot be used; `GRIPError` when a key
    ///   cannot be loaded.
    public convenience init(logger: Logger = Logger(label: "grip")) throws {
        try self.init(config: ConfigReader(provider: EnvironmentVariablesProvider()), logger: logger)
    }

    // MARK: Requests

    /// Looks at a request's headers.
    ///
    /// - Parameter request: What the headers say.
    /// - Returns: What is known about the way the request has come.
    public func inspect(_ request: GRIPRequest) -> GRIPRequestState {
        let embedding = self.embedding.withLock { $0 }
        let needsSignature = self.needsSignature || embedding != nil
        guard let signature = request.signature else {
            return self.state(request, isProxied: false, isSigned: false, needsSignature: needsSignature)
        }
        if let verifier = embedding?.verifier ?? self.verifier {
            do {
                _ = try verifier.verify(signature)
                return self.state(request, isProxied: true, isSigned: true, needsSignature: needsSignature)
            } catch {
                // Wrong keys and issuers look like "nothing is held" to the person who configured them.
                self.logger.info("Grip-Sig does not verify", metadata: ["grip.reason": "\(error)"])
            }
        }
        return self.state(
            request,
            isProxied: self.hasKeylessProxy,
            isSigned: false,
            needsSignature: needsSignature
        )
    }

    private func state(
        _ request: GRIPRequest,
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
            origin: self
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

    // MARK: Embedding

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
                leeway: self.configuration.signatureLeeway
            )
            embedding = new
            return new
        }
    }

    // MARK: Publishing

    /// Publishes to all proxies and waits for their answers.
    ///
    /// - Parameter publications: What to publish, and to which channels.
    /// - Throws: `GRIPPublishError` when a proxy did not take it.
    /// - Returns: Each proxy's outcome.
    @discardableResult
    public func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try await self.publisher.publish(publications)
    }

    /// Queues publications for all proxies and returns at once.
    ///
    /// - Parameter publications: What to publish, and to which channels.
    /// - Returns: Whether there was room for all of them.
    @discardableResult
    public func enqueue(_ publications: [GRIPPublication]) -> Bool { self.publisher.enqueue(publications) }

    // MARK: Life cycle

    /// Notes that middleware applies this origin's decisions.
    package func markInstalled() { self.isInstalled.withLock { $0 = true } }

    /// Throws where nothing applies this origin's decisions, which would show only as streams that end at once.
    package func checkInstalled() throws {
        guard self.isInstalled.withLock({ $0 }) else {
            throw GRIPConfigurationError(
                key: "GRIPMiddleware",
                reason: "the middleware has not been made; add it to the router: "
                    + "router.add(middleware: GRIPMiddleware(grip))"
            )
        }
    }

    /// Sends what is enqueued until the service is shut down, and then what is left.
    ///
    /// - Throws: ``GRIPConfigurationError`` at once where the middleware is missing.
    public func run() async throws {
        try self.checkInstalled()
        if self.publisher is UnconnectedPublisher {
            self.logger.warning("no GRIP proxy is configured or embedded, nothing is held or published anywhere")
        }
        if let service = self.configuredPublisher as? any Service {
            try await service.run()
        } else {
            try await gracefulShutdown()
        }
    }
}
