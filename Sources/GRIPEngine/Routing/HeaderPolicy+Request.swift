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
        var fields = fields
        fields.removeHopByHop(except: Self.endToEnd)
        for header in route.headers {
            fields[header.name] = nil
            if !header.value.isEmpty { fields.append(HTTPField(name: header.name, value: header.value)) }
        }
        for name in [.keepAlive, .connection, .upgrade, .acceptEncoding, .transferEncoding, .expect] as [HTTPField.Name]
        {
            fields[name] = nil
        }
        if self.acceptsRouteHeader { fields[.pushpinRoute] = nil }
        if let cdnLoopToken {
            let hops = fields.listElements(.cdnLoop) + [cdnLoopToken]
            fields[.cdnLoop] = hops.joined(separator: ", ")
        }
        if !client.isTrusted {
            fields.removeAll { $0.isGRIP }
            if route.usesGRIP { self.addGRIP(to: &fields, token: token, lastIDs: lastIDs) }
        }
        self.addForwarded(to: &fields, client: client)
        if client.transport == .webSocket {
            fields[.secWebSocketExtensions] = route.usesGRIP ? "grip" : nil
        }
        return fields
    }

    private func addGRIP(to fields: inout HTTPFields, token: String?, lastIDs: [LastID]) {
        if let token { fields.append(HTTPField(name: .gripSig, value: token)) }
        if !self.features.isEmpty {
            let features = self.features.map(\.name).joined(separator: ", ")
            fields.append(HTTPField(name: .gripFeature, value: features))
        }
        for last in lastIDs {
            fields.append(HTTPField(name: .gripLast, value: "\(last.channel); last-id=\(last.id)"))
        }
    }

    private func addForwarded(to fields: inout HTTPFields, client: Client) {
        if self.forwardedProtocol != .off || self.acceptsForwardedProtocol {
            fields[.xForwardedProto] = nil
            fields[.xForwardedProtocol] = nil
        }
        if client.isSecure, self.forwardedProtocol != .off {
            let scheme = client.transport == .http ? "https" : "wss"
            fields.append(HTTPField(name: .xForwardedProto, value: scheme))
            if self.forwardedProtocol == .both {
                fields.append(HTTPField(name: .xForwardedProtocol, value: scheme))
            }
        }
        let rule = client.isTrusted ? self.forwardedForTrusted : self.forwardedFor
        rule.apply(to: &fields, peerAddress: client.peerAddress)
    }
}

extension HTTPFields {
    /// Removes `Connection` and what it names.
    mutating func removeHopByHop(except kept: Set<HTTPField.Name>) {
        let named = Set(self.listElements(.connection).compactMap { HTTPField.Name($0) })
        self.removeAll { $0 == .connection || (named.contains($0) && !kept.contains($0) && !$0.isGRIP) }
    }
}
