package import GRIP
import NIOCore

extension NativeWebSocketRelay {
    /// What a queued frame takes besides its payload, so that empty ones count as well.
    private static let frameOverhead = 64

    /// Takes what was published to a channel of the connection, after its filters.
    package mutating func deliver(_ action: GRIPWebSocketMessage.Action, now: EngineTime) -> WebSocketDelivery {
        guard self.client == .open else { return .skip }
        if self.gate.isPassing, case .send(let type, let content) = action, type.isData {
            return self.enqueue(WebSocketOutgoingFrame(type, content)) ? .skip : .overflow
        }
        switch action {
        case .send(.text, _), .send(.binary, _): break
        case .send(.ping, let content), .send(.pong, let content):
            guard content.byteCount <= WebSocketOutgoingFrame.maximumControlPayload else { return .skip }
        // An origin with a WebSocket of its own has nothing to be asked for.
        case .hint, .refresh: return .skip
        case .close(let code, let reason):
            let close = code.map { WebSocketClose(unchecked: WebSocketCloseCode(rawValue: $0), reason: reason) }
            return .perform(
                self.perform { relay, actions in
                    relay.close(.sendable(close), telling: nil, now: now, &actions)
                }
            )
        }
        self.hold.noteSent(at: now)
        return .write
    }

    /// Does what the hold wants.
    mutating func apply(
        _ effects: [WebSocketHold.Effect],
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        for effect in effects {
            switch effect {
            case .send(let frame) where self.gate.isPassing && !frame.isControl:
                // Beyond the limit it is lost, like any message for a client that takes too little.
                if !self.enqueue(frame) { actions.append(.overflowed(byteCount: frame.payload.readableBytes)) }
            case .send(let frame): self.write(frame, now: now, &actions)
            case .subscribe(let channel, let filters, let member):
                actions.append(.subscribe(channel: channel, filters: filters, member: member))
            case .unsubscribe(let channel): actions.append(.unsubscribe(channel))
            case .leaveOut(let channel): actions.append(.leftOut(channel))
            case .detach:
                if self.origin == .open { self.closeOrigin(nil, now: now, &actions) }
            case .close(let close): self.close(close, telling: nil, now: now, &actions)
            }
        }
    }

    mutating func write(
        _ frame: WebSocketOutgoingFrame,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        self.hold.noteSent(at: now)
        actions.append(.send(frame))
    }

    /// Writes what has waited for the end of a message, unless the client still awaits it.
    mutating func flushQueue(now: EngineTime, _ actions: inout [WebSocketRelayAction]) {
        guard !self.gate.isPassing, !self.queue.isEmpty else { return }
        for frame in self.queue { self.write(frame, now: now, &actions) }
        self.queue = []
        self.queuedSize = 0
    }

    private mutating func enqueue(_ frame: WebSocketOutgoingFrame) -> Bool {
        let size = frame.payload.readableBytes + Self.frameOverhead
        guard size <= self.configuration.maximumQueuedBytes - self.queuedSize else { return false }
        self.queue.append(frame)
        self.queuedSize += size
        return true
    }
}

extension GRIPWebSocketMessage.MessageType {
    fileprivate var isData: Bool { self == .text || self == .binary }
}
