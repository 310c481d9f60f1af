package import GRIP
package import HTTPTypes

/// Which headers go from clients to origins and back.
package struct HeaderPolicy: Sendable, Hashable {
    /// The headers that tell the origin whether the client uses TLS.
    package enum ForwardedProtocol: Sendable, Hashable {
        /// None is set.
        case off
        /// `X-Forwarded-Proto`.
        case proto
        /// `X-Forwarded-Proto` and the older `X-Forwarded-Protocol`.
        case both
    }

    /// What is known about a request besides its headers.
    package struct Client: Sendable, Hashable {
        /// The address of the client or of the proxy before this one.
        package var peerAddress: String
        package var transport: Route.Transport
        /// Whether the client uses TLS, see ``HeaderPolicy/isSecure(_:overTLS:)``.
        package var isSecure: Bool
        /// Whether a GRIP proxy has signed the request with the key that is trusted.
        package var isTrusted: Bool
        /// Whether the answer shows the client the request as the origin has got it (`TRACE`).
        package var isShownRequest: Bool

        package init(
            peerAddress: String,
            transport: Route.Transport = .http,
            isSecure: Bool = false,
            isTrusted: Bool = false,
            isShownRequest: Bool = false
        ) {
            self.peerAddress = peerAddress
            self.transport = transport
            self.isSecure = isSecure
            self.isTrusted = isTrusted
            self.isShownRequest = isShownRequest
        }
    }

    /// The id of the last item of a channel, which goes into `Grip-Last`.
    package struct LastID: Sendable, Hashable {
        /// The channel as the origin named it, without the route's prefix.
        package var channel: String
        package var id: String

        package init(channel: String, id: String) {
            self.channel = channel
            self.id = id
        }
    }

    package var forwardedProtocol = ForwardedProtocol.proto
    /// Whether a proxy before this one is believed about TLS.
    package var acceptsForwardedProtocol = false
    package var forwardedFor = ForwardedFor()
    /// The same for trusted clients.
    package var forwardedForTrusted = ForwardedFor()
    /// This proxy's name in `CDN-Loop`.
    package var cdnLoopToken: String?
    /// Whether clients choose routes with `Pushpin-Route`, which then ends here.
    package var acceptsRouteHeader = false
    /// What origins are told this proxy can do, in the order of the header.
    package var features = HeaderPolicy.allFeatures {
        didSet { self.featureList = Self.list(self.features) }
    }
    /// The same as the header has it.
    private(set) var featureList = HeaderPolicy.list(HeaderPolicy.allFeatures)

    package init() {}

    private static func list(_ features: [GRIPFeature]) -> String { features.map(\.name).joined(separator: ", ") }

    /// Everything there is to announce.
    package static let allFeatures: [GRIPFeature] = [
        .status, .session, .linkNext, .linkGone, .filter(.skipSelf), .filter(.skipUsers),
        .filter(.requireSubscription), .filter(.buildID), .filter(.substituteVariables),
    ]

    /// The id of the only route that a request may take, or `nil` when the client leaves the choice to the proxy.
    ///
    /// - Parameter fields: The client's fields.
    package func routeID(_ fields: HTTPFields) -> String? {
        guard self.acceptsRouteHeader, let id = fields[.pushpinRoute], !id.isEmpty else { return nil }
        return id
    }

    /// Whether a request counts as one over TLS.
    ///
    /// - Parameters:
    ///   - fields: The client's fields.
    ///   - overTLS: Whether the connection itself uses TLS.
    package func isSecure(_ fields: HTTPFields, overTLS: Bool) -> Bool {
        guard self.acceptsForwardedProtocol, !overTLS else { return overTLS }
        let claim = fields[values: .xForwardedProto].first ?? fields[values: .xForwardedProtocol].first
        return claim == "https" || claim == "wss"
    }
}
