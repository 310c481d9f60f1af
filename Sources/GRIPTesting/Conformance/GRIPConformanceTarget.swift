public import GRIP

/// A proxy to put to the test, and how it is set up.
///
/// The proxy must run with these routes, in the words of a Pushpin routes file, where `PORT` is ``originPort``:
///
/// ```
/// * 127.0.0.1:PORT,over_http
/// *,path_beg=/native 127.0.0.1:PORT
/// *,path_beg=/old,replace_beg=/new 127.0.0.1:PORT,over_http
/// *,path_beg=/prefixed,prefix=px- 127.0.0.1:PORT,over_http
/// ```
///
/// ``routes`` gives them. Everything else is as Pushpin's configuration files have it by default; the suite's own origin
/// listens on ``originPort`` while scenarios run.
public struct GRIPConformanceTarget: Sendable {
    /// Where something listens.
    public struct Address: Sendable, Hashable, CustomStringConvertible {
        /// The host name or address.
        public var host: String
        /// The port.
        public var port: Int

        /// Makes an address.
        ///
        /// - Parameters:
        ///   - host: The host name or address.
        ///   - port: The port.
        public init(host: String = "127.0.0.1", port: Int) {
            self.host = host
            self.port = port
        }

        /// The host and the port.
        public var description: String { "\(self.host):\(self.port)" }
    }

    /// What the proxy is called in reports.
    public var name: String
    /// Where the proxy accepts clients, without TLS.
    public var proxy: Address
    /// Where the proxy accepts publishing, without TLS.
    public var control: Address
    /// Where the suite's origin listens on 127.0.0.1, and the proxy's routes lead.
    public var originPort: Int
    /// What the proxy signs requests with.
    public var key: GRIPKey
    /// The issuer that the proxy signs as.
    public var issuer: String
    /// How long a scenario waits for anything that is expected to happen at once.
    public var patience: Duration

    /// Describes a proxy.
    ///
    /// - Parameters:
    ///   - name: What it is called in reports.
    ///   - proxy: Where it accepts clients.
    ///   - control: Where it accepts publishing.
    ///   - originPort: Where its routes lead.
    ///   - key: What it signs with.
    ///   - issuer: The issuer that it signs as.
    ///   - patience: How long to wait for anything that is expected to happen at once.
    public init(
        name: String,
        proxy: Address,
        control: Address,
        originPort: Int,
        key: GRIPKey,
        issuer: String = "pushpin",
        patience: Duration = .seconds(8)
    ) {
        self.name = name
        self.proxy = proxy
        self.control = control
        self.originPort = originPort
        self.key = key
        self.issuer = issuer
        self.patience = patience
    }

    /// The lines of a Pushpin routes file that lead to the suite's origin.
    public var routes: [String] { Self.routes(originPort: self.originPort) }

    /// The lines of a Pushpin routes file that lead to an origin.
    ///
    /// - Parameter originPort: Where the origin listens on 127.0.0.1.
    /// - Returns: One line a route.
    public static func routes(originPort: Int) -> [String] {
        let origin = "127.0.0.1:\(originPort)"
        return [
            "* \(origin),over_http",
            "*,path_beg=/native \(origin)",
            "*,path_beg=/old,replace_beg=/new \(origin),over_http",
            "*,path_beg=/prefixed,prefix=px- \(origin),over_http",
        ]
    }
}
