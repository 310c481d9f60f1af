public import GRIP
public import GRIPTesting
public import HTTPTypes
public import HummingbirdTesting

extension TestClientProtocol {
    /// Sends what a proxy sends for a WebSocket, and has the socket read the answer.
    ///
    /// ```swift
    /// var socket = GRIPTestWebSocket(through: proxy, path: "/echo")
    /// _ = try await client.send(.open, on: &socket)
    /// let echoed = try await client.send(.text("hello"), on: &socket)
    /// #expect(echoed.messages == ["hello"])
    /// ```
    ///
    /// - Parameters:
    ///   - events: What the client does; none makes the request of a keep-alive.
    ///   - socket: The WebSocket, with the path of its route.
    ///   - fields: Header fields for this request alone, besides those of the handshake.
    /// - Throws: What the client throws; what `GRIPTestWebSocket.receive(_:_:_:)` throws.
    /// - Returns: What the answer means.
    @discardableResult
    public func send(
        _ events: WebSocketEvent...,
        on socket: inout GRIPTestWebSocket,
        fields: HTTPFields = [:]
    ) async throws -> GRIPTestWebSocketAnswer {
        let request = try socket.request(events)
        let response = try await self.execute(
            uri: socket.path,
            method: .post,
            headers: request.fields + fields,
            body: request.body
        )
        return try socket.receive(response.status, response.headers, response.body)
    }

    /// Sends text on a WebSocket as its client would, and has the socket read the answer.
    ///
    /// - Parameters:
    ///   - text: The message.
    ///   - socket: The WebSocket, with the path of its route.
    /// - Throws: What the client throws; what `GRIPTestWebSocket.receive(_:_:_:)` throws.
    /// - Returns: What the answer means.
    @discardableResult
    public func send(_ text: String, on socket: inout GRIPTestWebSocket) async throws -> GRIPTestWebSocketAnswer {
        try await self.send(WebSocketEvent.text(text), on: &socket)
    }

    /// Answers the pings of an answer, as every client of a WebSocket does by itself.
    ///
    /// `WebSocketSession.join(_:)` and `leave(_:)` tell the handler by it that they are done.
    ///
    /// - Parameters:
    ///   - answer: The answer with the pings.
    ///   - socket: The WebSocket.
    /// - Throws: What the client throws; what `GRIPTestWebSocket.receive(_:_:_:)` throws.
    /// - Returns: What the answer to the pongs means.
    @discardableResult
    public func answerPings(
        of answer: GRIPTestWebSocketAnswer,
        on socket: inout GRIPTestWebSocket
    ) async throws -> GRIPTestWebSocketAnswer {
        let request = try socket.request(answer.pings.map { .pong($0) })
        let response = try await self.execute(
            uri: socket.path,
            method: .post,
            headers: request.fields,
            body: request.body
        )
        return try socket.receive(response.status, response.headers, response.body)
    }
}

extension HTTPFields {
    fileprivate static func + (lhs: HTTPFields, rhs: HTTPFields) -> HTTPFields {
        var sum = lhs
        sum.append(contentsOf: rhs)
        return sum
    }
}
