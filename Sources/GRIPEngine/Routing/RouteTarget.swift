/// A place that requests of a route go to.
package struct RouteTarget: Sendable, Hashable, CustomStringConvertible {
    /// What answers.
    package enum Destination: Sendable, Hashable {
        /// A server.
        ///
        /// An IPv6 address has no brackets here.
        case server(host: String, port: Int)
        /// The application that the proxy is a part of; no routes file can name it.
        case inProcess
        /// The proxy itself, for trying it out (`test`).
        case test
    }

    package var destination: Destination
    /// Whether WebSockets become WebSocket-over-HTTP.
    package var usesWebSocketOverHTTP = false
    /// Whether a request carries only one WebSocket event.
    package var sendsOneEvent = false
    /// Whether the origin speaks TLS.
    package var usesTLS = false
    /// The host, with or without port, that this origin sees, also as the name of TLS.
    package var hostOverride: String?
    /// Whether any certificate will do.
    package var acceptsAnyCertificate = false
    /// Whether the certificate is checked against the host connected to.
    package var trustsConnectHost = false
    /// Whether private and internal addresses are refused.
    package var isUntrusted = false
    /// Channels that every hold and WebSocket is subscribed to, without the route's prefix.
    package var subscriptions: [String] = []

    package init(_ destination: Destination) { self.destination = destination }

    /// The host by which the target itself is reached, with the port unless it is the usual one.
    package var authority: String {
        switch self.destination {
        case .server(let host, let port):
            let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
            return port == (self.usesTLS ? 443 : 80) ? host : "\(host):\(port)"
        case .inProcess, .test: return "localhost"
        }
    }

    package var description: String {
        switch self.destination {
        case .server(let host, let port):
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .test: "test"
        case .inProcess: "in process"
        }
    }
}
