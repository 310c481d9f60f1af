import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOWebSocket

extension HTTP1ClientHandler {
    /// Takes a WebSocket handshake to the origin.
    func beginWebSocket(_ request: ClientRequest) {
        self.access = self.loop.access?.begin(
            request,
            connection: self.id,
            client: self.peerAddress,
            isWebSocket: true
        )
        let handshake: WebSocketHandshake
        switch WebSocketHandshake.read(request) {
        case .success(let valid): handshake = valid
        case .failure(let refusal): return self.refuse(refusal.reply)
        }
        guard let route = self.loop.route(for: request, transport: .webSocket), let target = route.targets.first else {
            return self.refuse(.routeNotFound)
        }
        self.loop.counters.requestsReceived += 1
        self.access?.take(route)
        self.access?.entry.target = target.description
        let conversation = self.conversation(request, route: route, target: target)
        self.handshake = handshake
        self.phase = .handshake(conversation)
        self.loop.keep(conversation)
        conversation.begin()
    }

    private func conversation(_ request: ClientRequest, route: Route, target: RouteTarget) -> HeldWebSocket {
        let others = route.targets.dropFirst()
        if case .server = target.destination, !target.usesWebSocketOverHTTP {
            return NativeWebSocket(
                request,
                route: route,
                targets: others,
                first: target,
                id: self.id,
                loop: self.loop,
                handshake: self
            )
        }
        return HTTPWebSocket(
            request,
            route: route,
            targets: others,
            first: target,
            id: self.id,
            loop: self.loop,
            handshake: self
        )
    }
}

extension HTTP1ClientHandler: WebSocketHandshakePeer {
    func accept(_ fields: HTTPFields, for webSocket: HeldWebSocket) -> (any WebSocketPeer)? {
        guard let context = self.context, let handshake = self.handshake, let decoder = self.decoder else { return nil }
        var head = self.loop.allocator.buffer(capacity: 256)
        HTTP1ResponseHead(head: handshake.response(fields).framed(.none).head, framing: .none).write(to: &head)
        let limit = self.loop.limits.webSocketMessage
        self.addOutput(head)
        self.flush()
        // The write may have shown that the client is gone; then everything about it is forgotten already.
        guard case .handshake = self.phase else { return nil }
        let handler = WebSocketClientHandler(
            webSocket,
            peerAddress: self.peerAddress,
            output: self.output,
            budget: self.budget
        )
        self.phase = .closed
        self.access?.entry.status = HTTPResponse.Status.switchingProtocols.code
        self.access?.entry.hold = .webSocket
        handler.access = self.access
        self.access = nil
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
        // The decoder goes a little later; until then nothing is read.
        let channel = context.channel
        let isReadWanted = self.hasPendingRead
        let removed = context.eventLoop.makePromise(of: Void.self)
        removed.futureResult.assumeIsolated().whenComplete { _ in
            // What came with the handshake is no read of its own.
            handler.endRead()
            if isReadWanted { channel.read() }
        }
        operations.removeHandler(decoder, promise: removed)
        return handler
    }

    func reject(_ reply: ProxyReply) { self.refuse(reply) }
}
