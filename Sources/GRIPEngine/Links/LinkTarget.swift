/// Where a next or gone link leads.
package enum LinkTarget: Sendable, Hashable {
    /// Back through the route that the held request came by, with the path that its origin is asked for.
    case route(path: String)
    /// To a server that no route names.
    case server(isSecure: Bool, host: String, port: Int, authority: String, path: String)
}

extension LinkTarget {
    /// Decides where a link leads.
    ///
    /// - Parameters:
    ///   - uri: The link, resolved.
    ///   - authorities: The hosts, with or without port, under which the route is reached.
    ///   - isSecure: Whether the held request came over TLS.
    /// - Returns: Nothing when it is not an `http` or `https` URI or names no usable host.
    package init?(_ uri: URIReference, within authorities: [String], isSecure: Bool) {
        guard let scheme = uri.scheme, scheme == "http" || scheme == "https", let text = uri.authority,
            let authority = RouteAuthority(text)
        else { return nil }
        let linkIsSecure = scheme == "https"
        let port = authority.port ?? (linkIsSecure ? 443 : 80)
        let isOwn = authorities.contains { own in
            guard let own = RouteAuthority(own) else { return false }
            return own.host == authority.host && (own.port ?? (isSecure ? 443 : 80)) == port
        }
        if isOwn, linkIsSecure == isSecure {
            self = .route(path: uri.path)
        } else {
            self = .server(
                isSecure: linkIsSecure,
                host: authority.host,
                port: port,
                authority: text,
                path: uri.path
            )
        }
    }
}
