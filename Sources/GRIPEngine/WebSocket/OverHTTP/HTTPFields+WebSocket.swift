package import GRIP
package import HTTPTypes

extension PassedFields {
    /// The fields of a handshake that go into each WebSocket-over-HTTP request.
    ///
    /// These are the client's as ``HeaderPolicy`` has rewritten them, without those that the request has of its own, and
    /// without those by which a client could pass itself off as the proxy.
    package var webSocketOverHTTPHandshake: PassedFields {
        self.removing { Self.replacedInRequests.contains($0) || $0.metaName != nil }
    }

    private static let replacedInRequests: Set<HTTPField.Name> = [
        .upgrade, .connection, .accept, .connectionID, .contentLength, .contentType, .contentBytesReplayed,
    ]
}

extension HTTPFields {
    /// The fields of an origin's acceptance that go into the 101 for the client.
    ///
    /// - Parameters:
    ///   - role: Who follows what the origin says to the proxy; a proxy that is the client learns that the origin agreed
    ///     to GRIP.
    ///   - overHTTP: Whether the origin speaks WebSocket-over-HTTP.
    package func webSocketAcceptance(
        for role: WebSocketRelayConfiguration.GRIPRole,
        overHTTP: Bool
    ) -> HTTPFields {
        var fields = self.webSocketAnswer(for: role, overHTTP: overHTTP)
        for name in [.upgrade, .secWebSocketAccept, .secWebSocketExtensions] as [HTTPField.Name] { fields[name] = nil }
        if overHTTP { fields[.contentType] = nil }
        if role == .relayed, let prefix = self.webSocketMessagePrefix {
            fields[.secWebSocketExtensions] = prefix.extensionFieldValue
        }
        return fields
    }

    /// The fields of an origin's refusal that the client gets; the length of the body is not among them.
    ///
    /// - Parameters:
    ///   - role: Who follows what the origin says to the proxy.
    ///   - overHTTP: Whether the origin speaks WebSocket-over-HTTP.
    package func webSocketRejection(
        for role: WebSocketRelayConfiguration.GRIPRole,
        overHTTP: Bool
    ) -> HTTPFields {
        self.webSocketAnswer(for: role, overHTTP: overHTTP)
    }

    private func webSocketAnswer(for role: WebSocketRelayConfiguration.GRIPRole, overHTTP: Bool) -> HTTPFields {
        var fields = HeaderPolicy.responseFields(self, kind: role == .followed ? .instructed : .relayed)
        fields[.contentLength] = nil
        guard overHTTP else { return fields }
        // What is said to the proxy about requests ends here, whoever follows the rest.
        fields[.keepAliveInterval] = nil
        fields[.contentBytesAccepted] = nil
        fields.removeAll { $0.storedMetaName != nil }
        return fields
    }

    /// What an origin that agrees to GRIP puts before messages for the client, or nothing.
    package var webSocketMessagePrefix: WebSocketMessagePrefix? {
        self[.secWebSocketExtensions].flatMap { WebSocketMessagePrefix(extensionFieldValue: $0) }
    }
}

extension HTTPField.Name {
    /// The name under which requests repeat what the header stores (`Set-Meta-*`), or nothing.
    var storedMetaName: HTTPField.Name? {
        guard self.canonicalName.hasBytePrefix("set-meta-") else { return nil }
        let name = self.rawName.utf8.dropFirst("set-meta-".utf8.count)
        return name.isEmpty ? nil : HTTPField.Name("Meta-\(Substring(name))")
    }
}
