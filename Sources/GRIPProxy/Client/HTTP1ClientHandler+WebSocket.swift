import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOWebSocket

extension HTTP1ClientHandler {
    /// Takes a WebSocket handshake to the origin.
    func beginWebSocket(_ request: ClientRequest) {
        let handshake: WebSocketHandshake
        switch WebSocketHandshake.read(request) {
        case .success(let valid): handshake = valid
        case .failure(let refusal): return self.refuse(refusal.reply)
        }
        guard let route = self.loop.route(for: request, transport: .webSocket), let target = route.targets.first else {
            return self.refuse(.routeNotFound)
        }
        self.loop.counters.requestsReceived += 1
        let conversation = HTTPWebSocket(
            request,
            route: route,
            target: target,
            others: route.targets.dropFirst(),
            id: self.id,
            loop: self.loop,
            handshake: self
        )
        self.handshake = handshake
        self.phase = .handshake(conversation)
        self.loop.keep(conversation)
        conversation.begin()
    }
}

extension HTTP1ClientHandler: WebSocketHandshakePeer {
    func accept(_ fields: HTTPFields, for conversation: any WebSocketConversation) -> (any WebSocketPeer)? {
        guard let context = self.context, let handshake = self.handshake, let decoder = self.decoder else { return nil }
        var head = self.loop.allocator.buffer(capacity: 256)
        HTTP1ResponseHead(head: handshake.response(fields), framing: .none).write(to: &head)
        let limit = self.loop.limits.webSocketMessage
        let handler = WebSocketClientHandler(
            id: self.id,
            peerAddress: self.peerAddress,
            loop: self.loop,
            conversation: conversation,
            reader: WebSocketFrameReader(expectsMask: true, assembles: true, limit: limit)
        )
        context.writeAndFlush(self.wrapOutboundOut(head), promise: nil)
        self.phase = .closed
        self.loop.replace(with: handler)
        let operations = context.pipeline.syncOperations
        do {
            let frames = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit))
            try operations.addHandler(frames, position: .after(self))
            try operations.addHandler(handler, position: .after(frames))
        } catch {
            context.close(promise: nil)
            return nil
        }
        // This goes first: what the decoder has left over are bytes of frames.
        operations.removeHandler(self, promise: nil)
        operations.removeHandler(decoder, promise: nil)
        return handler
    }

    func reject(_ reply: ProxyReply) { self.refuse(reply) }
}
