public import HTTPTypes

extension WebSocketSession {
    /// Whether the client asks for the connection with this request, so that the handler is to accept or reject it.
    public var isOpening: Bool { self.batch.isOpening }

    /// Accepts the connection.
    ///
    /// Does nothing when the connection is open already. Of several decisions the last one counts. Most clients drop a
    /// connection for which they offered subprotocols and were given none; see ``accept(subprotocol:)``.
    public mutating func accept() {
        if self.isOpening { self.handshake = .accepted(subprotocol: nil) }
    }

    /// Accepts the connection with a subprotocol.
    ///
    /// Does nothing when the connection is open already.
    ///
    /// - Parameter subprotocol: One of ``offeredSubprotocols``.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/header`` when the client does not offer it; the connection is then
    ///   not accepted.
    public mutating func accept(subprotocol: String) throws(GRIPError) {
        guard self.isOpening else { return }
        guard self.offeredSubprotocols.contains(subprotocol) else {
            throw GRIPError(.header, "the client does not offer the subprotocol '\(subprotocol)'")
        }
        self.handshake = .accepted(subprotocol: subprotocol)
    }

    /// Rejects the connection with an HTTP response.
    ///
    /// What was sent is dropped, and ``meta`` is not stored. A connection that is open already can no longer be given a
    /// response and is closed with 1008 instead.
    ///
    /// - Parameters:
    ///   - status: A status from 300 to 599; ``makeResponse()`` throws for any other.
    ///   - fields: The header fields of the response. Text is `text/plain` unless they say otherwise.
    ///   - body: The body of the response.
    public mutating func reject(
        status: HTTPResponse.Status = .forbidden,
        fields: HTTPFields = [:],
        body: GRIPContent = ""
    ) {
        guard self.isOpening else {
            self.end(with: WebSocketClose(unchecked: .policyViolation))
            return
        }
        if !(300...599).contains(status.code) {
            self.fail(.status, "a WebSocket connection cannot be rejected with status \(status.code)")
        }
        self.handshake = .rejected(status: status, fields: fields, body: body)
    }

    static func subprotocols(in fields: HTTPFields) -> [String] {
        var result: [String] = []
        for value in fields[values: .secWebSocketProtocol] {
            for element in value.split(separator: ",") {
                let name = element.trimmingASCIIWhitespace()
                if !name.isEmpty { result.append(String(name)) }
            }
        }
        return result
    }
}
