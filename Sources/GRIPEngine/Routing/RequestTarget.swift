/// What a request asks for: the `Host` and the path with its query.
package struct RequestTarget: Sendable, Hashable {
    /// The host, with or without port, as the `Host` header writes it.
    package var authority: String
    /// The encoded path with its query.
    package var path: String

    package init(authority: String, path: String) {
        self.authority = authority
        self.path = path
    }

    /// What the origin is asked for.
    ///
    /// A host of the target comes before one of the route, and either replaces the port too. A path that is left
    /// without a leading slash gets one, and only a path that begins with a slash is changed: `*` is not.
    ///
    /// - Parameters:
    ///   - route: The route that was chosen.
    ///   - target: The target that is tried.
    /// - Returns: The rewritten request target.
    package func rewritten(by route: Route, for target: RouteTarget) -> RequestTarget {
        RequestTarget(
            authority: target.hostOverride ?? route.hostOverride ?? self.authority,
            path: self.path(rewrittenBy: route)
        )
    }

    private func path(rewrittenBy route: Route) -> String {
        guard let change = route.pathChange, self.path.utf8.first == UInt8(ascii: "/") else { return self.path }
        let bytes = self.path.utf8
        let query = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var path: [UInt8]
        switch change {
        case .remove(let count): path = Array(bytes[..<query].dropFirst(count))
        case .replacePrefix(let replacement):
            let prefix = route.condition.pathPrefix.utf8
            // A request that was given its route by id may have another path.
            guard bytes[..<query].starts(with: prefix) else { return self.path }
            path = Array(replacement.utf8) + bytes[..<query].dropFirst(prefix.count)
        }
        if path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
        return String(decoding: path + bytes[query...], as: UTF8.self)
    }
}
