import GRIP
import NIOCore

extension NativeWebSocketRelay {
    /// Takes what the origin sent, once it has accepted the handshake.
    package mutating func receiveFromOrigin(
        _ output: WebSocketFrameReader.Output,
        now: EngineTime
    ) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            switch output {
            case .none: break
            case .fragment(let kind, let isFinal, let payload):
                relay.pass(kind, isFinal: isFinal, payload, now: now, &actions)
            case .ping(let payload): relay.passControl(.ping(payload), now: now, &actions)
            case .pong(let payload): relay.passControl(.pong(payload), now: now, &actions)
            case .close(let close): relay.originCloses(close, now: now, &actions)
            case .violation(let close):
                if relay.origin == .open { actions.append(.closeOrigin(close)) }
                let isDetached = relay.isDetached
                relay.endOrigin(&actions)
                if !isDetached { relay.loseClientOfOrigin(.violation(close), &actions) }
            }
        }
    }

    /// Takes that the connection to the origin is gone, or that none could be made.
    package mutating func originLost(now: EngineTime) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            let isDetached = relay.isDetached
            let failure: WebSocketFailure = relay.origin == .opening ? .unreachable : .lost
            relay.origin = .gone
            if !isDetached { relay.loseClientOfOrigin(failure, &actions) }
        }
    }

    /// Whether the client goes on without its origin, which has detached itself.
    private var isDetached: Bool { self.client == .open && self.origin != .open }

    /// Ends the client of an origin that is gone, unless it is only asked for its Close frame any more.
    private mutating func loseClientOfOrigin(_ failure: WebSocketFailure, _ actions: inout [WebSocketRelayAction]) {
        if self.client != .closed { self.endClient(failure, &actions) }
    }

    private mutating func pass(
        _ kind: WebSocketMessageKind?,
        isFinal: Bool,
        _ payload: ByteBuffer,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        guard self.isListening else { return }
        switch self.gate.take(kind, isFinal: isFinal, payload, hold: self.hold) {
        case .pass(let frame):
            self.write(frame, now: now, &actions)
            self.flushQueue(now: now, &actions)
        case .control(let json) where self.client == .open:
            self.apply(self.hold.follow(json, now: now), now: now, &actions)
        case .control, .nothing: break
        }
    }

    private mutating func passControl(
        _ frame: WebSocketOutgoingFrame,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        if self.isListening { self.write(frame, now: now, &actions) }
    }

    /// Whether the client is still given what the origin sends.
    private var isListening: Bool {
        switch (self.client, self.origin) {
        case (.open, .open), (.closing, .closed): true
        default: false
        }
    }

    private mutating func originCloses(
        _ close: WebSocketClose?,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        switch self.origin {
        case .open:
            self.sendClose(close, now: now, &actions)
            self.origin = .closing
        case .closed:
            self.endOrigin(&actions)
            guard self.client == .closing else { return }
            actions.append(.close(close))
            self.endClient(nil, &actions)
        case .opening, .closing, .gone: break
        }
    }
}
