public import HTTPTypes
public import NIOCore

extension WebSocketSession {
    /// The media type of events.
    ///
    /// Proxies compare it to the letter, so it must have no parameters.
    public static let contentType = "application/websocket-events"

    /// The largest body that Pushpin accepts, in bytes.
    public static let maximumResponseByteCount = 1_000_000

    /// The answer to the request that a session was made of.
    public struct Response: Sendable, Hashable {
        /// The status: 200 unless the connection is rejected.
        public var status: HTTPResponse.Status
        /// The header fields.
        public var fields: HTTPFields
        /// The events, or the body of a rejection.
        public var body: ByteBuffer
    }

    /// Puts together what the handler has said and what is done without its doing.
    ///
    /// The session itself stays as it is. An opening connection that was not accepted is rejected with 403; `Set-Meta-*`
    /// and the like are left out of a rejection, because the proxy passes that on to the client.
    ///
    /// - Returns: The status, fields and body of the response.
    /// - Throws: ``GRIPError``: with ``GRIPError/Code/meta`` when ``meta`` cannot be written; with
    ///   ``GRIPError/Code/status`` for a rejection with an improper status; with ``GRIPError/Code/header`` when
    ///   ``contentBytesAccepted`` is not within the request's content; with ``GRIPError/Code/webSocketMessage`` when a
    ///   text could not be sent, when something was sent on an opening connection that is neither accepted nor rejected,
    ///   and when the body would be longer than ``maximumResponseByteCount``.
    public func makeResponse() throws(GRIPError) -> Response {
        if let failure = self.failure { throw failure }
        var fields = self.isOpening ? self.responseFields : HTTPFields()
        if self.isOpening {
            switch self.handshake {
            case .undecided:
                guard !self.hasSpoken else {
                    throw GRIPError(.webSocketMessage, "something is sent on a connection that is not accepted")
                }
                return Self.rejection(status: .forbidden, fields: [:], body: "")
            case .rejected(let status, let fields, let body):
                return Self.rejection(status: status, fields: fields, body: body)
            case .accepted(let subprotocol):
                fields[.secWebSocketExtensions] = self.messagePrefix.extensionFieldValue
                if let subprotocol { fields[.secWebSocketProtocol] = subprotocol }
            }
        }
        fields[.contentType] = Self.contentType
        if let interval = self.keepAliveInterval {
            fields[.keepAliveInterval] = String(interval.wholeSeconds)
        }
        if let accepted = self.contentBytesAccepted {
            guard (0...self.batch.contentByteCount).contains(accepted) else {
                throw GRIPError(
                    .header,
                    "\(accepted) bytes of content cannot be accepted of \(self.batch.contentByteCount)"
                )
            }
            fields[.contentBytesAccepted] = String(accepted)
        }
        fields.append(contentsOf: try self.metaFields())
        let body = self.completeOutput()
        guard body.readableBytes <= Self.maximumResponseByteCount else {
            throw GRIPError(
                .webSocketMessage,
                "a response of \(body.readableBytes) bytes is too long for a proxy; publish, or send less at once"
            )
        }
        return Response(status: .ok, fields: fields, body: body)
    }

    /// The answer of a handler that has failed: the open connection is closed with 1011.
    ///
    /// Nothing of what the handler has said is in it, neither messages nor ``meta``. A connection that is opening is
    /// rejected with status 500.
    ///
    /// - Returns: The status, fields and body of the response.
    public func makeFailureResponse() -> Response {
        guard !self.isOpening else { return Self.rejection(status: .internalServerError, fields: [:], body: "") }
        var body = ByteBuffer()
        if !self.isDisconnected {
            WebSocketEventEncoder().encode(.close(WebSocketClose(unchecked: .internalError)), into: &body)
        }
        return Response(status: .ok, fields: [.contentType: Self.contentType], body: body)
    }

    private func completeOutput() -> ByteBuffer {
        var session = self
        if self.isClosing, self.contentBytesAccepted ?? .max >= self.batch.contentByteCount {
            session.end(with: self.answerToClose)
        } else {
            session.writeRemainingPongs()
        }
        return session.output
    }

    /// The client's code, unless it is one that must not be sent; the reason was the client's own.
    private var answerToClose: WebSocketClose? {
        guard !self.batch.hasInvalidText else { return self.batch.close }
        guard let code = self.closeCode, code.isSendable else { return nil }
        return WebSocketClose(unchecked: code)
    }

    private static func rejection(status: HTTPResponse.Status, fields: HTTPFields, body: GRIPContent) -> Response {
        var fields = fields
        if fields[.contentType] == nil, case .text(let text) = body, !text.isEmpty {
            fields[.contentType] = "text/plain; charset=utf-8"
        }
        return Response(status: status, fields: fields, body: body.bytes)
    }
}
