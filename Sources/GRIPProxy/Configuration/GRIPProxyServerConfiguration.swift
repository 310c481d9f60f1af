public import GRIP

/// How a GRIP proxy runs: where it listens, where requests go and what it never exceeds.
///
/// The defaults are Pushpin's where Pushpin has them. It can be written in code, or read from the environment or any
/// other source of configuration with ``init(config:folder:)``.
public struct GRIPProxyServerConfiguration: Sendable, Hashable {
    /// Where clients connect.
    public var listeners: [GRIPListener] = [.tcp(host: "*", port: 7999)]
    /// Where publishers connect.
    ///
    /// Whoever reaches it can publish: keep it on loopback or set ``controlToken``.
    public var controlListeners: [GRIPListener] = [.tcp(host: "localhost", port: 5561)]
    /// Who may connect to the Unix domain sockets among ``listeners``.
    public var socketPermissions = GRIPSocketPermissions()
    /// Who may connect to the Unix domain sockets among ``controlListeners``.
    public var controlSocketPermissions = GRIPSocketPermissions()
    /// The bearer token that requests to the control API must carry, or nothing when none is asked for.
    public var controlToken: GRIPSecret?
    /// The names under which publishers reach the control API, as their `Host` has them, without ports.
    ///
    /// Addresses, `localhost` and the names in ``controlListeners`` count without being here; `*` stands for all names.
    /// Without a ``controlToken`` a request for any other name is refused: it may be a web page's (DNS rebinding). In
    /// Kubernetes these are the names of the service.
    public var controlHosts: [String] = []
    /// The lines of a routes file, in the order of the file.
    public var routes: [GRIPRouteLine] = []
    /// The folder that the paths of keys in ``routes`` are relative to, or nothing for the working directory.
    public var routesFolder: String?
    /// Who signs the requests to origins (`iss` of `Grip-Sig`).
    public var issuer = "pushpin"
    /// What signs the requests to origins, or nothing to send no `Grip-Sig`.
    public var key: GRIPKey?
    /// The key of the GRIP proxies whose signed requests are trusted, or nothing to trust none.
    public var upstreamKey: GRIPKey?
    /// Whether error bodies tell clients what went wrong at the origin.
    public var isDebugging = false
    /// Whether the headers of cross-origin resource sharing are added on each route.
    ///
    /// They name whatever origin asks and allow credentials, so that every web page can use every route with the cookies of
    /// its visitors. It is for origins that have nothing but public content; the option `aco` does the same for one route.
    public var allowsCrossOrigin = false
    /// What is done to `X-Forwarded-*` and the like.
    public var forwarding = Forwarding()
    /// How published items are put in order and told apart.
    public var delivery = Delivery()
    /// What is never exceeded.
    public var limits = Limits()
    /// What is told of each request, hold and WebSocket of a client when it is over.
    public var accessLog = AccessLog()
    /// How long things may take.
    public var timeouts = Timeouts()
    /// Who is on a channel: how long that waits, and how much there may be of what.
    public var presence = Presence()

    /// Makes a configuration with the defaults.
    public init() {}

    /// The defaults of a proxy that is a part of an application.
    ///
    /// They are those of ``init()``, apart from ``Limits/subscriptionsPerConnection``: 200. The application alone decides
    /// there what its clients are subscribed to.
    public static var embedded: GRIPProxyServerConfiguration {
        var configuration = GRIPProxyServerConfiguration()
        configuration.limits.subscriptionsPerConnection = 200
        return configuration
    }
}
