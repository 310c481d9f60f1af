import GRIP
import NIOCore

extension NativeWebSocketRelay {
    /// Takes what the client sent, once its handshake is accepted.
    package mutating func receiveFromClient(
        _ output: WebSocketFrameReader.Output,
        now: EngineTime
    ) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            switch output {
            case .none: break
            case .fragment(let kind, let isFinal, let payload):
                relay.passToOrigin(.fragment(kind, isFinal: isFinal, payload), &actions)
            case .ping(let payload): relay.passToOrigin(.ping(payload), &actions)
            case .pong(let payload): relay.passToOrigin(.pong(payload), &actions)
            case .close(let close): relay.clientCloses(close, now: now, &actions)
            case .violation(let close):
                guard relay.client != .gone else { return }
                if relay.client == .open || relay.client == .closing { actions.append(.close(close)) }
                relay.end(nil, &actions)
            }
        }
    }

    /// Takes that the client's connection is gone.
    package mutating func clientLost(now: EngineTime) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            guard relay.client != .gone else { return }
            relay.client = .gone
            relay.endOrigin(&actions)
        }
    }

    /// Ends the conversation from this side.
    ///
    /// - Parameters:
    ///   - end: Why it ends, which both sides are told.
    ///   - now: The time.
    package mutating func shutDown(_ end: ConnectionEnd, now: EngineTime) -> [WebSocketRelayAction] {
        let close = end.webSocketClose
        return self.perform { relay, actions in
            switch relay.client {
            case .waiting: relay.end(.shuttingDown, &actions)
            case .open: relay.close(close, telling: close, now: now, &actions)
            case .closing:
                actions.append(.close(close))
                relay.end(nil, &actions)
            case .closed, .gone: break
            }
        }
    }

    private mutating func passToOrigin(_ frame: WebSocketOutgoingFrame, _ actions: inout [WebSocketRelayAction]) {
        guard self.client == .open else { return }
        if self.origin == .open {
            actions.append(.sendToOrigin(frame))
        } else if frame.opcode == .ping {
            // The origin is detached, so there is nobody else to answer.
            actions.append(.send(.pong(frame.payload)))
        }
    }

    private mutating func clientCloses(
        _ close: WebSocketClose?,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        switch self.client {
        case .open where self.origin == .open:
            actions.append(.closeOrigin(close))
            self.client = .closing
            self.origin = .closed
            self.closeDeadline = now + self.configuration.closeTimeout
        case .open:
            actions.append(.close(.normal))
            self.endClient(nil, &actions)
        case .closed:
            self.endClient(nil, &actions)
            guard self.origin == .closing else { return }
            actions.append(.closeOrigin(close))
            self.endOrigin(&actions)
        case .waiting, .closing, .gone: break
        }
    }

    /// Closes the connection on the proxy's own account.
    ///
    /// - Parameters:
    ///   - close: What the client is told.
    ///   - originClose: What the origin is told, if it is still there.
    mutating func close(
        _ close: WebSocketClose,
        telling originClose: WebSocketClose?,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        guard self.client == .open else { return }
        self.sendClose(close, now: now, &actions)
        guard self.origin == .open else { return }
        self.closeOrigin(originClose, now: now, &actions)
    }

    /// Sends the client a Close frame, and waits for its own.
    mutating func sendClose(_ close: WebSocketClose?, now: EngineTime, _ actions: inout [WebSocketRelayAction]) {
        actions.append(.close(close))
        self.client = .closed
        self.closeDeadline = now + self.configuration.closeTimeout
        self.queue = []
        self.queuedSize = 0
    }

    /// Sends the origin a Close frame, and waits for its own.
    mutating func closeOrigin(_ close: WebSocketClose?, now: EngineTime, _ actions: inout [WebSocketRelayAction]) {
        actions.append(.closeOrigin(close))
        self.origin = .closed
        self.closeDeadline = now + self.configuration.closeTimeout
    }
}

extension NativeWebSocketRelay {
    /// Ends both connections, as far as they are still there.
    mutating func end(_ failure: WebSocketFailure?, _ actions: inout [WebSocketRelayAction]) {
        self.endClient(failure, &actions)
        self.endOrigin(&actions)
    }

    mutating func endClient(_ failure: WebSocketFailure?, _ actions: inout [WebSocketRelayAction]) {
        switch self.client {
        case .waiting: actions.append(failure.map { .fail($0) } ?? .drop(nil))
        case .open, .closing, .closed: actions.append(.drop(failure))
        case .gone: break
        }
        self.client = .gone
    }

    mutating func endOrigin(_ actions: inout [WebSocketRelayAction]) {
        if self.origin != .gone { actions.append(.dropOrigin) }
        self.origin = .gone
    }

    /// Ends the connections of those who were sent a Close frame and have not answered.
    mutating func giveUpClosing(_ actions: inout [WebSocketRelayAction]) {
        self.closeDeadline = nil
        switch self.client {
        case .closing: self.endClient(.closeUnanswered, &actions)
        case .closed: self.endClient(.closeTimeout, &actions)
        case .waiting, .open, .gone: break
        }
        if self.origin == .closing || self.origin == .closed { self.endOrigin(&actions) }
    }
}
