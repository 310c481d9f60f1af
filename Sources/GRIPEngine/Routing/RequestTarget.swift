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
    /// A host of the target comes before one of the route, and either replaces the port too. Where there is no host at all,
    /// which clients of HTTP/1.0 may leave out, the origin is asked by its own: a request must name one (RFC 9112 section
    /// 3.2). A path that is left without a leading slash gets one. A path that the route's condition does not match stays
    /// as it is, and so does one without a leading slash, such as `*`.
    ///
    /// - Parameters:
    ///   - route: The route that was chosen.
    ///   - target: The target that is tried.
    /// - Returns: The rewritten request target.
    package func rewritten(by route: Route, for target: RouteTarget) -> RequestTarget {
        RequestTarget(
            authority: target.hostOverride ?? route.hostOverride
                ?? (self.authority.isEmpty ? target.authority : self.authority),
            path: route.changed(self.path)
        )
    }
}

extension Route {
    /// The path that the origin is asked for.
    ///
    /// - Parameter path: The encoded path of a client, with its query.
    package func changed(_ path: String) -> String {
        guard let pathChange else { return path }
        let bytes = path.utf8
        let query = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let prefix = self.condition.pathPrefix.utf8
        guard bytes.first == UInt8(ascii: "/"), bytes[..<query].starts(with: prefix) else { return path }
        var changed: [UInt8]
        switch pathChange {
        case .remove(let count): changed = Array(bytes[..<query].dropFirst(count))
        case .replacePrefix(let replacement):
            changed = Array(replacement.utf8) + bytes[..<query].dropFirst(prefix.count)
        }
        if changed.first != UInt8(ascii: "/") { changed.insert(UInt8(ascii: "/"), at: 0) }
        return String(decoding: changed + bytes[query...], as: UTF8.self)
    }

    /// The path that the origin is asked for by an absolute link, which may name the path as clients see it or as the
    /// origin does.
    ///
    /// It is a client's path where it begins with what the route takes away; where what the route puts there in its place
    /// begins with that too, as with `path_beg=/api,replace_beg=/api/v2`, the longer of the two decides. Without
    /// a prefix in the condition, what the route has taken away from the path of the held request stands for it.
    ///
    /// - Parameters:
    ///   - path: The encoded path of the link, with its query.
    ///   - held: The path of the client's request whose answer has links.
    package func changed(_ path: String, linkedFrom held: String) -> String {
        switch self.pathChange {
        case nil: return path
        case .remove(let count):
            guard self.condition.pathPrefix.isEmpty else { return self.changed(path) }
            let removed = held.utf8.prefix { $0 != UInt8(ascii: "?") }.prefix(count)
            return path.utf8.starts(with: removed) ? self.changed(path) : path
        case .replacePrefix(let replacement):
            let isChanged =
                replacement.utf8.count > self.condition.pathPrefix.utf8.count
                && path.utf8.starts(with: replacement.utf8)
            return isChanged ? path : self.changed(path)
        }
    }
}
