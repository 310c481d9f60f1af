package import GRIP

/// Finds where the links of a response lead.
package struct LinkResolver: Sendable, Hashable {
    /// The hosts under which the route is reached; links to others leave it.
    package var authorities: [String]
    package var isSecure = false
    /// The encoded path that the client asked for, before its route changed it.
    package var clientPath: String
    private let authority: String
    private let path: String

    /// Makes a resolver for the links of a response.
    ///
    /// - Parameters:
    ///   - authority: The host that was asked for.
    ///   - path: The path that was asked for.
    package init(_ authority: String, _ path: String) {
        self.authorities = [authority]
        self.authority = authority
        self.path = path
        self.clientPath = path
    }

    private var base: URIReference {
        URIReference(scheme: self.isSecure ? "https" : "http", authority: self.authority, path: self.path)
    }

    /// Resolves a link against the request that was answered with it, or against the page that it is on.
    ///
    /// - Parameters:
    ///   - text: What stands between `<` and `>`.
    ///   - page: The URI of the page, or `nil` for the first response.
    ///   - route: The route that the request came by, or `nil` for one that changes no paths.
    package func target(
        of text: String,
        on page: URIReference? = nil,
        along route: Route? = nil
    ) throws(GRIPError) -> (target: LinkTarget, uri: URIReference) {
        guard let reference = URIReference(text) else { throw GRIPError(.link, "'\(LogText.uri(text))' is not a URI") }
        var uri = (page ?? self.base).resolving(reference)
        guard var target = LinkTarget(uri, within: self.authorities, isSecure: self.isSecure) else {
            throw GRIPError(.link, "'\(LogText.uri(text))' is not an http or https URI")
        }
        // A relative link is resolved against what the origin was asked for, so that its path is the origin's already.
        if case .route = target, let route, reference.isAbsolute {
            uri.path = route.changed(uri.path, linkedFrom: self.clientPath)
            target = .route(path: uri.path)
        }
        return (target, uri)
    }

    package func next(
        _ link: GRIPLink,
        on page: URIReference? = nil,
        along route: Route? = nil
    ) throws(GRIPError) -> HoldTerms.NextLink {
        let (target, uri) = try self.target(of: link.uri, on: page, along: route)
        return HoldTerms.NextLink(
            target: target,
            uri: uri,
            timeout: link.timeout ?? HoldTerms.NextLink.defaultTimeout
        )
    }
}
