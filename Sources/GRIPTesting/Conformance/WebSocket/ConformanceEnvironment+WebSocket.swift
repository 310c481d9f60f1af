import GRIP
import NIOCore

extension ConformanceEnvironment {
    /// The header lines of a WebSocket handshake.
    static let handshake: HeaderList = [
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": WebSocketKey.sample,
    ]

    /// Opens a WebSocket.
    func webSocket(_ target: String, _ fields: HeaderList = [:]) async throws -> WebSocketPeer {
        try await self.webSocketAndHead(target, fields).0
    }

    /// Opens a WebSocket, and gives the response to the handshake too.
    func webSocketAndHead(
        _ target: String,
        _ fields: HeaderList = [:]
    ) async throws -> (WebSocketPeer, ClientConnection.Head) {
        let connection = try await self.begin("GET", target, Self.handshake + fields)
        let head = try await connection.head()
        try expect("the status of the handshake's answer", head.status, is: 101)
        let proof = WebSocketKey.answer(to: WebSocketKey.sample)
        try expect("Sec-WebSocket-Accept", head.fields["Sec-WebSocket-Accept"], is: proof)
        return (WebSocketPeer(connection.stream, isClient: true, patience: self.patience), head)
    }

    /// Asks for a WebSocket where none is given.
    func rejectedWebSocket(
        _ target: String,
        _ fields: HeaderList = [:]
    ) async throws -> ClientConnection.Response {
        try await self.fetch("GET", target, Self.handshake + fields)
    }

    /// Waits until a WebSocket receives what is published.
    ///
    /// Nobody tells when a subscription that an origin asks for takes effect; so this publishes until something
    /// arrives, and then reads up to a last message.
    func synchronize(_ socket: WebSocketPeer, on channel: String? = nil) async throws {
        var isSubscribed = false
        let deadline = ContinuousClock.now + self.patience
        while !isSubscribed {
            try await self.publish(.webSocketMessage("are you there"), to: channel)
            isSubscribed = try await socket.messageIfAny(within: .milliseconds(100)) != nil
            if !isSubscribed, ContinuousClock.now > deadline {
                throw GRIPConformanceFailure(
                    expected: "a subscription to \(channel ?? self.channel)",
                    observed: "no published message within \(self.patience)"
                )
            }
        }
        try await self.publish(.webSocketMessage("in step"), to: channel)
        while try await socket.message() != .text("in step") {}
    }

    /// Opens a WebSocket that an origin page subscribes, and waits for the subscription.
    func subscribedWebSocket(_ page: OriginPage, on channel: String? = nil) async throws -> WebSocketPeer {
        let socket = try await self.webSocket(page.path)
        try await self.synchronize(socket, on: channel)
        return socket
    }
}
