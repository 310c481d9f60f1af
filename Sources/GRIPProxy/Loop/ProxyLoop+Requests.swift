import GRIP
import GRIPEngine
import HTTPTypes

/// Where requests go, and as what.
extension ProxyLoop {
    func route(for request: ClientRequest, transport: Route.Transport) -> Route? {
        if self.inProcess != nil { return .inProcess }
        return self.routes.route(
            id: self.rules.policy.routeID(request.fields),
            host: request.authority,
            path: request.path,
            transport: transport,
            isSecure: self.rules.policy.isSecure(request.fields, overTLS: request.isOverTLS)
        )
    }

    /// The request for a client's WebSocket handshake, as a target gets it.
    ///
    /// - Parameter fields: The fields that the target gets, see ``webSocketFields(of:route:)``.
    func webSocketRequest(
        _ request: ClientRequest,
        route: Route,
        target: RouteTarget,
        fields: PassedFields
    ) -> OriginRequest {
        let asked = RequestTarget(authority: request.authority, path: request.path).rewritten(by: route, for: target)
        var fields = fields
        if !request.isTrusted, let token = self.token(for: route) {
            fields.append(own: HTTPField(name: .gripSig, value: token.text))
        }
        return OriginRequest(
            to: OriginDestination(target, authority: asked.authority),
            method: .get,
            authority: asked.authority,
            path: asked.path,
            fields: fields,
            bodyLength: .none
        )
    }

    /// The fields of a client's WebSocket handshake that all targets of the route get, without the signature, which is
    /// another one from time to time.
    func webSocketFields(of request: ClientRequest, route: Route) -> PassedFields {
        self.rules.policy.requestFields(
            request.fields,
            from: HeaderPolicy.Client(
                peerAddress: request.peerAddress,
                transport: .webSocket,
                isSecure: self.rules.policy.isSecure(request.fields, overTLS: request.isOverTLS),
                isTrusted: request.isTrusted
            ),
            route: route,
            token: nil
        )
    }

    /// The token that signs a request of a route, or `nil` without a key and where the route does no GRIP.
    func token(for route: Route) -> GRIPSecret? { route.usesGRIP ? self.settings.signers.token(for: route) : nil }

    func isTrusted(_ fields: HTTPFields) -> Bool { self.settings.isTrusted(fields) }

    func client(for destination: OriginDestination) -> any OriginClient {
        switch destination {
        case .server: self.pool
        case .inProcess: self.inProcess ?? self.pool
        case .test:
            // A client that sends without waiting may have so much under way, and a message more.
            TestOriginClient(
                eventLoop: self.eventLoop,
                bodyLimit: max(self.limits.rememberedBody, 2 * self.limits.webSocketMessage + 10_000)
            )
        }
    }
}

extension Route {
    /// Every request goes to the application in the same process.
    fileprivate static let inProcess: Route = {
        var target = RouteTarget(.inProcess)
        target.usesWebSocketOverHTTP = true
        return Route(line: 0, condition: Condition(host: .any), targets: [target])
    }()
}
