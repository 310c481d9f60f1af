/// Finds the route of a request.
///
/// The routes of the request's host are asked or, only when that host has none at all, those of `*`. Among the routes
/// whose conditions hold, these are preferred, the first difference deciding: one that names a transport, the longer
/// path prefix, one that says whether TLS is used, the earlier line.
package struct RouteTable: Sendable {
    /// The routes of a host, the preferred ones first, so that the first that matches is the answer.
    private var byHost: [String: [Route]] = [:]
    private var ofAnyHost: [Route] = []
    private var byID: [String: Route] = [:]
    /// What is wrong with the routes together, by line.
    package private(set) var problems: [RouteProblem] = []

    /// Makes a table.
    ///
    /// - Parameter routes: The routes in the order of the file. Of those with the same condition the first counts; an id
    ///   that several have finds none of them.
    package init(_ routes: [Route]) {
        var lines: [Route.Condition: Int] = [:]
        var ids: [String: Int] = [:]
        for route in routes {
            if route.condition.host != .none, let earlier = lines.updateValue(route.line, forKey: route.condition) {
                lines[route.condition] = earlier
                self.warn(route, "line \(earlier) has the same condition; this one is not used")
                continue
            }
            switch route.condition.host {
            case .name(let host): self.byHost[host, default: []].append(route)
            case .any: self.ofAnyHost.append(route)
            case .none: break
            }
            guard let id = route.id else { continue }
            if let earlier = ids[id] {
                self.byID[id] = nil
                self.warn(route, "line \(earlier) has the id '\(id)' too; no route is found by it")
            } else {
                ids[id] = route.line
                self.byID[id] = route
            }
        }
        for host in self.byHost.keys { self.byHost[host]?.sort(by: Self.isPreferred) }
        self.ofAnyHost.sort(by: Self.isPreferred)
    }

    private mutating func warn(_ route: Route, _ reason: String) {
        self.problems.append(RouteProblem(.warning, line: route.line, column: 1, reason))
    }

    /// Finds the route of a request.
    ///
    /// - Parameters:
    ///   - id: The id of the only route that may be used, where a client names one. The route must match all the same.
    ///   - host: The `Host` of the request, in any case, with or without a port.
    ///   - path: The encoded path; a query does not matter.
    ///   - transport: What the client speaks.
    ///   - isSecure: Whether the client uses TLS.
    /// - Returns: The route, or `nil` when none matches.
    package func route(
        id: String? = nil,
        host: String,
        path: String,
        transport: Route.Transport,
        isSecure: Bool
    ) -> Route? {
        let host = RouteAuthority(host)?.host
        let path = path.utf8.prefix { $0 != UInt8(ascii: "?") }
        func matches(_ route: Route) -> Bool {
            let condition = route.condition
            return (condition.transport ?? transport) == transport && (condition.isSecure ?? isSecure) == isSecure
                && path.starts(with: condition.pathPrefix.utf8)
        }
        guard let id else { return (host.flatMap { self.byHost[$0] } ?? self.ofAnyHost).first(where: matches) }
        guard let route = self.byID[id], matches(route) else { return nil }
        // A route of any host may be named although the host has routes of its own.
        if case .name(let name) = route.condition.host, name != host { return nil }
        return route
    }

    private static func isPreferred(_ lhs: Route, _ rhs: Route) -> Bool {
        let (left, right) = (lhs.condition, rhs.condition)
        if (left.transport == nil) != (right.transport == nil) { return left.transport != nil }
        let (leftLength, rightLength) = (left.pathPrefix.utf8.count, right.pathPrefix.utf8.count)
        if leftLength != rightLength { return leftLength > rightLength }
        if (left.isSecure == nil) != (right.isSecure == nil) { return left.isSecure != nil }
        return lhs.line < rhs.line
    }
}
