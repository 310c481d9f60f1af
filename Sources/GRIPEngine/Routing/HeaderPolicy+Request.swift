import GRIP
package import HTTPTypes

extension HeaderPolicy {
    /// Headers that a client cannot have removed by naming them in `Connection`: they say what the message is, who
    /// sent it or where it has been.
    private static let endToEnd: Set<HTTPField.Name> = [
        .authorization, .cacheControl, .contentEncoding, .contentLength, .contentType, .cookie, .cdnLoop,
        .xForwardedFor, .xForwardedProto, .xForwardedProtocol,
    ]

    /// The fields that the origin gets.
    ///
    /// `Host` is not among them, see ``RequestTarget``. Neither are, in a WebSocket handshake, `Connection` and
    /// `Upgrade`, which belong to the connection to the origin.
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
    ) -> HTTPFields {
        var named = fields.namedByConnection
        var fields = fields
        for header in route.headers {
            // A client does not take away what the route adds by naming it.
            named.remove(header.name)
            fields[header.name] = nil
            if !header.value.isEmpty { fields.append(HTTPField(name: header.name, value: header.value)) }
        }
        // Many fields are left out one by one much more slowly than all of them at once.
        var result = HTTPFields()
        result.reserveCapacity(fields.count + 8)
        for field in fields where self.keeps(field.name, named: named, client: client) { result.append(field) }
        if let cdnLoopToken {
            let hops = fields.listElements(.cdnLoop) + [cdnLoopToken]
            result.append(HTTPField(name: .cdnLoop, value: hops.joined(separator: ", ")))
        }
        if !client.isTrusted, route.usesGRIP { self.addGRIP(to: &result, token: token, lastIDs: lastIDs) }
        self.addForwarded(to: &result, fields, client: client)
        if client.transport == .webSocket, route.usesGRIP {
            result.append(HTTPField(name: .secWebSocketExtensions, value: "grip"))
        }
        return result
    }

    /// Whether a field goes to the origin as the client has sent it.
    private func keeps(_ name: HTTPField.Name, named: Set<HTTPField.Name>, client: Client) -> Bool {
        switch name {
        // These are between the client and this proxy.
        case .keepAlive, .connection, .upgrade, .acceptEncoding, .transferEncoding, .expect: return false
        case .pushpinRoute where self.acceptsRouteHeader: return false
        case .cdnLoop where self.cdnLoopToken != nil: return false
        case .xForwardedProto where self.replacesForwardedProtocol: return false
        case .xForwardedProtocol where self.replacesForwardedProtocol: return false
        case .xForwardedFor: return false
        case .secWebSocketExtensions where client.transport == .webSocket: return false
        default: break
        }
        if name.isGRIP { return client.isTrusted }
        return named.isEmpty || !named.contains(name) || Self.endToEnd.contains(name)
    }

    private var replacesForwardedProtocol: Bool { self.forwardedProtocol != .off || self.acceptsForwardedProtocol }

    private func addGRIP(to fields: inout HTTPFields, token: String?, lastIDs: [LastID]) {
        if let token { fields.append(HTTPField(name: .gripSig, value: token)) }
        // What the proxy follows it must be able to read, and what it adds to is not coded.
        fields.append(HTTPField(name: .acceptEncoding, value: "identity"))
        if !self.featureList.isEmpty { fields.append(HTTPField(name: .gripFeature, value: self.featureList)) }
        for last in lastIDs {
            fields.append(HTTPField(name: .gripLast, value: "\(last.channel); last-id=\(last.id)"))
        }
    }

    private func addForwarded(to fields: inout HTTPFields, _ original: HTTPFields, client: Client) {
        if client.isSecure, self.forwardedProtocol != .off {
            let scheme = client.transport == .http ? "https" : "wss"
            fields.append(HTTPField(name: .xForwardedProto, value: scheme))
            if self.forwardedProtocol == .both {
                fields.append(HTTPField(name: .xForwardedProtocol, value: scheme))
            }
        }
        let rule = client.isTrusted ? self.forwardedForTrusted : self.forwardedFor
        if let value = rule.value(original, peerAddress: client.peerAddress) {
            fields.append(HTTPField(name: .xForwardedFor, value: value))
        }
    }
}

extension HTTPFields {
    /// The fields that `Connection` names.
    var namedByConnection: Set<HTTPField.Name> {
        guard self.contains(.connection) else { return [] }
        return Set(self.listElements(.connection).compactMap { HTTPField.Name($0) })
    }
}
