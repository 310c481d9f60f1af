public import GRIP
public import HTTPTypes
public import NIOCore

extension GRIPOrigin {
    /// Checks that a request may bring WebSocket events, before its body is read.
    ///
    /// Events are only taken from a proxy: anybody else could claim to be any connection. Where a proxy has no key to
    /// verify, its word counts, but see ``webSocketSession(fields:body:messagePrefix:state:)`` for what is not believed
    /// then.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - fields: The request's fields.
    ///   - state: What is known about the way the request has come.
    /// - Throws: ``GRIPRefusal``.
    public func admitWebSocket(
        method: HTTPRequest.Method,
        fields: HTTPFields,
        state: GRIPRequestState
    ) throws(GRIPRefusal) {
        guard GRIPRequest.isWebSocketOverHTTP(method: method, fields: fields) else {
            throw .notWebSocketEvents
        }
        guard state.isProxied else {
            throw self.configuration.isProxyRequired ? .proxyRequired : .signatureRequired
        }
        guard state.request.connectionID != nil else { throw .connectionIDMissing }
    }

    /// Makes the session that a handler is given, of a request that is admitted.
    ///
    /// The meta of a request without a valid signature is not believed: the session begins without any. Neither is meta
    /// that the application has not set itself. Where it has a shared secret that verifies a proxy, the session signs what
    /// it stores, for the connection and together with all names and values, because proxies such as Pushpin sign requests
    /// whose meta a client has written.
    ///
    /// - Parameters:
    ///   - fields: The request's fields.
    ///   - body: The request's body.
    ///   - messagePrefix: What the proxy strips from messages to the client.
    ///   - state: What is known about the way the request has come.
    /// - Throws: ``GRIPRefusal`` when the body is not a batch of WebSocket events.
    /// - Returns: The session.
    public func webSocketSession(
        fields: HTTPFields,
        body: ByteBuffer,
        messagePrefix: WebSocketMessagePrefix = .standard,
        state: GRIPRequestState
    ) throws(GRIPRefusal) -> WebSocketSession {
        guard let connectionID = state.request.connectionID else { throw .connectionIDMissing }
        var fields = fields
        if !state.isSigned { fields.removeAll { $0.metaName != nil } }
        let sealing = state.isSigned ? self.metaSeals.sealing(&fields, of: connectionID) : nil
        do {
            var session = try WebSocketSession(
                connectionID: connectionID,
                requestFields: fields,
                events: WebSocketEvent.decode(body),
                prefix: self.configuration.prefix,
                messagePrefix: messagePrefix
            )
            session.sealing = sealing
            return session
        } catch let error as GRIPError {
            throw GRIPRefusal(.badRequest, error.reason)
        } catch {
            throw GRIPRefusal(.badRequest, "\(error)")
        }
    }
}
