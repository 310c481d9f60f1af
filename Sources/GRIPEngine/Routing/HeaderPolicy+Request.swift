import GRIP
package import HTTPTypes

extension HeaderPolicy {
    /// Headers that a client cannot have removed by naming them in `Connection`: they say what the message is, who
    /// sent it or where it has been.
    private static let endToEnd: Set<HTTPField.Name> = [
        .authorization, .cacheControl, .contentEncoding, .contentLength, .contentType, .cookie, .cdnLoop,
        .xForwardedFor, .xForwardedProto, .xForwardedProtocol,
    ]

    /// Whether only a GRIP proxy says that to an origin; `Grip-*` is looked at elsewhere.
    private static func isOfProxies(_ name: HTTPField.Name) -> Bool {
        // Each field of each request is looked at: a set would have to hash it.
        name == .connectionID || name == .contentBytesReplayed || name.canonicalName.hasBytePrefix("meta-")
    }

    /// What a server must not take another name for, because this proxy answers for it, see
    /// ``HTTPTypes/HTTPField/Name/foldedName``.
    private static let unmistakable: Set<String> = [
        "accept-encoding", "cdn-loop", "connection-id", "content-bytes-replayed", "content-encoding", "content-length",
        "content-type", "keep-alive", "pushpin-route", "transfer-encoding",
    ]

    private static let unmistakablePrefixes = ["grip-", "proxy-", "sec-websocket-", "x-forwarded-"]

    /// The fields that the origin gets.
    ///
    /// `Host` is not among them, see ``RequestTarget``. Neither are, in a WebSocket handshake, `Connection` and
    /// `Upgrade`, which belong to the connection to the origin.
    ///
    /// What is signed must not say what only a proxy may say: where there is a signature, `Meta-*`, `Connection-Id` and
    /// names that servers take for them end here, unless the client is a proxy that is trusted.
    ///
    /// Unlike Pushpin, this keeps `Content-Encoding`, without which a compressed body could not be read, and removes
    /// what `Connection` names.
    ///
    /// - Parameters:
    ///   - fields: The client's fields.
    ///   - client: What else is known about the request.
    ///   - route: The route that was chosen.
    ///   - token: The signed token, or nothing when there is no key.
    ///   - lastIDs: What the client has seen, when the request is one to continue a hold.
    package func requestFields(
        _ fields: HTTPFields,
        from client: Client,
        route: Route,
        token: String?,
        lastIDs: [LastID] = []
    ) -> PassedFields {
        let named = fields.namedByConnection
        let said = route.headers.isEmpty ? fields : fields.replacing(route.headers)
        var result = self.pass(fields, reserving: 8) { field in
            // A client does not take away what the route adds by naming it.
            self.keeps(field, named: named, client: client, route: route) && !route.replaces(field.name)
        }
        // An answer to TRACE shows the client all of this, so that nothing in it may be secret (RFC 9110 section 9.3.8).
        for header in route.headers where !header.value.isEmpty && !client.isShownRequest {
            guard self.keeps(header.name, client: client, route: route) else { continue }
            result.append(own: HTTPField(name: header.name, value: header.value))
        }
        if let cdnLoopToken {
            let hops = said.listElements(.cdnLoop) + [cdnLoopToken]
            result.append(own: HTTPField(name: .cdnLoop, value: hops.joined(separator: ", ")))
        }
        if !client.isTrusted, route.usesGRIP, !client.isShownRequest {
            self.addGRIP(to: &result, token: token, lastIDs: lastIDs)
        }
        self.addForwarded(to: &result, said, client: client)
        if client.transport == .webSocket, route.usesGRIP {
            result.append(own: HTTPField(name: .secWebSocketExtensions, value: "grip"))
        }
        return result
    }

    /// Whether a field goes to the origin as the client has sent it.
    private func keeps(_ field: HTTPField, named: Set<HTTPField.Name>, client: Client, route: Route) -> Bool {
        let name = field.name
        guard self.keeps(name, client: client, route: route) else { return false }
        if let folded = name.foldedName, Self.isUnmistakable(folded, route: route) { return false }
        if route.usesGRIP, !client.isTrusted {
            if Self.isOfProxies(name) { return false }
            // Requests with events are refused; a handshake has no content that could be of a type.
            if name == .contentType, client.transport == .webSocket, field.isOfWebSocketEvents { return false }
        }
        if client.isShownRequest {
            switch name {
            case .authorization, .cookie: return false
            default: if name.isGRIP { return false }
            }
        }
        if name.isGRIP { return true }
        return named.isEmpty || !named.contains(name) || Self.endToEnd.contains(name)
    }

    /// Whether a name is one that goes to the origin at all.
    private func keeps(_ name: HTTPField.Name, client: Client, route: Route) -> Bool {
        switch name {
        // These are between the client and this proxy.
        case .keepAlive, .connection, .upgrade, .transferEncoding, .expect, .proxyConnection, .proxyAuthorization:
            return false
        case .acceptEncoding: return !route.usesGRIP
        case .pushpinRoute where self.acceptsRouteHeader: return false
        case .cdnLoop where self.cdnLoopToken != nil: return false
        case .xForwardedProto where self.replacesForwardedProtocol: return false
        case .xForwardedProtocol where self.replacesForwardedProtocol: return false
        case .xForwardedFor: return false
        case .secWebSocketExtensions where client.transport == .webSocket: return false
        default: return !name.isGRIP || client.isTrusted
        }
    }

    private static func isUnmistakable(_ folded: String, route: Route) -> Bool {
        if route.usesGRIP, folded.hasBytePrefix("meta-") { return true }
        return Self.unmistakable.contains(folded) || Self.unmistakablePrefixes.contains { folded.hasBytePrefix($0) }
    }

    private var replacesForwardedProtocol: Bool { self.forwardedProtocol != .off || self.acceptsForwardedProtocol }

    private func addGRIP(to fields: inout PassedFields, token: String?, lastIDs: [LastID]) {
        if let token { fields.append(own: HTTPField(name: .gripSig, value: token)) }
        // What the proxy follows it must be able to read, and what it adds to is not coded.
        fields.append(own: HTTPField(name: .acceptEncoding, value: "identity"))
        if !self.featureList.isEmpty { fields.append(own: HTTPField(name: .gripFeature, value: self.featureList)) }
        for last in lastIDs {
            fields.append(own: HTTPField(name: .gripLast, value: "\(last.channel); last-id=\(last.id)"))
        }
    }

    private func addForwarded(to fields: inout PassedFields, _ original: HTTPFields, client: Client) {
        if client.isSecure, self.forwardedProtocol != .off {
            let scheme = client.transport == .http ? "https" : "wss"
            fields.append(own: HTTPField(name: .xForwardedProto, value: scheme))
            if self.forwardedProtocol == .both {
                fields.append(own: HTTPField(name: .xForwardedProtocol, value: scheme))
            }
        }
        let rule = client.isTrusted ? self.forwardedForTrusted : self.forwardedFor
        if let value = rule.value(original, peerAddress: client.peerAddress) {
            fields.append(own: HTTPField(name: .xForwardedFor, value: value))
        }
    }
}

extension HTTPFields {
    /// The fields with what a route says in place of what a client says.
    fileprivate func replacing(_ headers: [Route.Header]) -> HTTPFields {
        var fields = self
        for header in headers { fields[header.name] = header.value.isEmpty ? nil : header.value }
        return fields
    }

    /// The fields that `Connection` names.
    var namedByConnection: Set<HTTPField.Name> {
        guard self.contains(.connection) else { return [] }
        return Set(self.listElements(.connection).compactMap { HTTPField.Name($0) })
    }
}
