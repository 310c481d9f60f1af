package import HTTPTypes

/// A request that the proxy sends to an origin.
package struct OriginRequest: Sendable, Hashable {
    package var destination: OriginDestination
    package var method: HTTPRequest.Method
    /// What `Host` says.
    package var authority: String
    package var path: String
    /// The fields without `Host` and those that frame the message.
    package var fields: PassedFields
    package var bodyLength: BodyLength
    /// Whether a client waits for the answer.
    package var isAwaited = true

    package init(
        to destination: OriginDestination,
        method: HTTPRequest.Method,
        authority: String,
        path: String,
        fields: PassedFields,
        bodyLength: BodyLength
    ) {
        self.destination = destination
        self.method = method
        self.authority = authority
        self.path = path
        self.fields = fields
        self.bodyLength = bodyLength
    }
}

/// Where an origin is and how it is spoken to.
package enum OriginDestination: Sendable, Hashable {
    case server(OriginServer)
    /// The application that the proxy is a part of.
    case inProcess
    /// The proxy itself, for trying it out.
    case test
}

package struct OriginServer: Sendable, Hashable {
    package var host: String
    package var port: Int
    /// Nothing without TLS.
    package var tls: TLS?
    /// Whether private and internal addresses are refused.
    package var isUntrusted = false

    package struct TLS: Sendable, Hashable {
        /// The name that the certificate must have and that is sent to the server.
        package var serverName: String
        package var acceptsAnyCertificate = false

        package init(serverName: String, acceptsAnyCertificate: Bool = false) {
            self.serverName = serverName
            self.acceptsAnyCertificate = acceptsAnyCertificate
        }
    }

    package init(host: String, port: Int, tls: TLS? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}

extension OriginDestination {
    /// The place that a target names.
    ///
    /// - Parameters:
    ///   - target: A target of the route.
    ///   - authority: What the origin is told as `Host`.
    package init(_ target: RouteTarget, authority: String) {
        switch target.destination {
        case .test: self = .test
        case .inProcess: self = .inProcess
        case .server(let host, let port):
            var server = OriginServer(host: host, port: port)
            server.isUntrusted = target.isUntrusted
            if target.usesTLS {
                let name = RouteAuthority(target.hostOverride ?? authority)?.host
                server.tls = OriginServer.TLS(
                    serverName: target.trustsConnectHost ? host : name ?? host,
                    acceptsAnyCertificate: target.acceptsAnyCertificate
                )
            }
            self = .server(server)
        }
    }
}
