public import GRIP
public import GRIPPublisher

/// How an origin works with its GRIP proxies.
///
/// It can be written in code, or read from the environment or any other source of configuration with
/// ``init(config:)``.
public struct GRIPConfiguration: Sendable, Hashable {
    /// The proxies that hold this origin's clients; each item is published to all of them.
    public var proxies: [GRIPProxyConfiguration]

    /// What stands before all channel names on the proxies; nothing by default.
    public var prefix: GRIPPrefix

    /// The bus between the instances of the application, which counts where there are no ``proxies``.
    ///
    /// The proxy in the application uses it, and so do processes of the application in which no proxy runs: what they
    /// publish goes to all instances. By default there is none.
    public var bus: GRIPBusConfiguration

    /// How many instances of the application there are, or `nil` where that is not known.
    ///
    /// It changes nothing but a warning: that of an embedded proxy without a bus, where there are several.
    public var instances: Int?

    /// A key that verifies the requests of proxies that have none of their own.
    public var verifyKey: GRIPKey?

    /// A secret of the application's own, which no proxy knows: it signs what the application hands out and takes back,
    /// as the claims of links and the meta of WebSockets.
    ///
    /// All processes of the application need the same. Without it a shared secret that verifies a proxy has to do.
    public var applicationKey: GRIPKey?

    /// Whether a response with an instruction to anyone but a proxy is `501 Not Implemented`.
    ///
    /// By default it is not: the client then gets the response without the hold.
    public var isProxyRequired: Bool

    /// How far the clocks of proxies and of this machine may differ when a signature's expiry is checked.
    ///
    /// Nothing by default: proxies sign for an hour and sign anew for each request.
    public var signatureLeeway: Duration

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - proxies: The proxies that hold this origin's clients.
    ///   - prefix: What stands before all channel names on the proxies.
    ///   - bus: The bus between the instances of the application, where no proxies are configured.
    ///   - instances: How many instances of the application there are, where that is known.
    ///   - verifyKey: A key that verifies the requests of proxies that have none of their own.
    ///   - applicationKey: A secret of the application's own, which signs the claims of links.
    ///   - isProxyRequired: Whether a response with an instruction to anyone but a proxy is `501 Not Implemented`.
    ///   - signatureLeeway: How far the clocks of proxies and of this machine may differ.
    public init(
        proxies: [GRIPProxyConfiguration] = [],
        prefix: GRIPPrefix = .none,
        bus: GRIPBusConfiguration = GRIPBusConfiguration(),
        instances: Int? = nil,
        verifyKey: GRIPKey? = nil,
        applicationKey: GRIPKey? = nil,
        isProxyRequired: Bool = false,
        signatureLeeway: Duration = .zero
    ) {
        self.proxies = proxies
        self.prefix = prefix
        self.bus = bus
        self.instances = instances
        self.verifyKey = verifyKey
        self.applicationKey = applicationKey
        self.isProxyRequired = isProxyRequired
        self.signatureLeeway = signatureLeeway
    }

    /// Makes a configuration for one proxy.
    ///
    /// - Parameter url: The GRIP URL of the proxy; see `GRIPProxyConfiguration.init(url:)`.
    /// - Throws: `GRIPError` when the URL is malformed.
    public init(url: String) throws(GRIPError) {
        self.init(proxies: [try GRIPProxyConfiguration(url: url)])
    }

    /// The proxies, with ``verifyKey`` where they have none of their own.
    var verifiedProxies: [GRIPProxyConfiguration] {
        self.proxies.map { proxy in
            var proxy = proxy
            proxy.verifyKey = proxy.verifyKey ?? self.verifyKey
            return proxy
        }
    }

    /// The secrets that seal what the application hands out and takes back: the first signs, all are believed.
    ///
    /// The application's own comes first, then those that it shares with proxies. A public key cannot sign.
    var sealingKeys: [GRIPKey] {
        let shared = self.verifiedProxies.flatMap { ($0.verifyKey.map { [$0] } ?? []) + $0.otherVerifyKeys }
        let others = (shared + (self.verifyKey.map { [$0] } ?? [])).filter(\.isSymmetric)
        return (self.applicationKey.map { [$0] } ?? []) + others
    }
}
