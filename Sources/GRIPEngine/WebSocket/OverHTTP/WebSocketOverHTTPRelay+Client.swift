import GRIP
import NIOCore

extension WebSocketOverHTTPRelay {
    /// Takes what the client sent, once its handshake is accepted.
    package mutating func receive(
        _ output: WebSocketMessageReader.Output,
        now: EngineTime
    ) -> [WebSocketRelayAction] {
        self.perform(now) { relay, actions in
            switch output {
            case .none: break
            case .message(.text, let content): relay.pass(.text(content), &actions)
            case .message(.binary, let content): relay.pass(.binary(content), &actions)
            case .ping(let payload): relay.pass(.ping(payload), &actions)
            case .pong(let payload): relay.pass(.pong(payload), &actions)
            case .close(let close): relay.receiveClose(close, &actions)
            case .violation(let close): relay.receiveViolation(close, &actions)
            }
        }
    }

    /// Takes that the client's connection is gone.
    package mutating func clientLost(now: EngineTime) -> [WebSocketRelayAction] {
        self.perform(now) { relay, _ in
            guard relay.client != .gone else { return }
            relay.forgetClient()
        }
    }

    /// Takes whether the client reads what is written to it; while it does not, the origin is not asked for more.
    package mutating func setClientWritable(_ isWritable: Bool, now: EngineTime) -> [WebSocketRelayAction] {
        self.perform(now) { relay, _ in relay.isClientWritable = isWritable }
    }

    /// Ends the conversation from this side.
    ///
    /// - Parameters:
    ///   - end: Why it ends, which both sides are told.
    ///   - now: The time.
    package mutating func shutDown(_ end: ConnectionEnd, now: EngineTime) -> [WebSocketRelayAction] {
        let close = end.webSocketClose
        return self.perform(now) { relay, actions in
            switch relay.client {
            case .waiting: relay.loseClient(.shuttingDown, &actions)
            case .open: relay.close(close, telling: close, now: now, &actions)
            case .closing:
                actions.append(.close(close))
                relay.loseClient(nil, &actions)
            case .closed, .gone: break
            }
        }
    }

    private mutating func pass(_ event: WebSocketEvent, _ actions: inout [WebSocketRelayAction]) {
        guard self.client == .open else { return }
        if self.origin == .open {
            self.events.append(event)
        } else if case .ping(let payload) = event {
            // The origin is detached, so there is nobody else to answer.
            actions.append(.send(.pong(payload)))
        }
    }

    private mutating func receiveClose(_ close: WebSocketClose?, _ actions: inout [WebSocketRelayAction]) {
        switch self.client {
        case .open where self.origin == .open:
            self.events.append(.close(close))
            self.client = .closing
        case .open:
            actions.append(.close(.normal))
            self.loseClient(nil, &actions)
        case .closed:
            // An origin that closed the connection needs not be told that it is.
            if self.origin == .closed { self.origin = .done }
            self.loseClient(nil, &actions)
        case .waiting, .closing, .gone: break
        }
    }

    private mutating func receiveViolation(_ close: WebSocketClose, _ actions: inout [WebSocketRelayAction]) {
        switch self.client {
        case .open, .closing:
            actions.append(.close(close))
            self.loseClient(nil, &actions)
        case .closed: self.loseClient(nil, &actions)
        case .waiting, .gone: break
        }
    }

    /// Closes the connection on the proxy's own account.
    ///
    /// - Parameters:
    ///   - close: What the client is told.
    ///   - event: What the origin is told, if it is still there.
    mutating func close(
        _ close: WebSocketClose,
        telling event: WebSocketClose?,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        guard self.client == .open else { return }
        self.sendClose(close, now: now, &actions)
        guard self.origin == .open else { return }
        self.events.append(.close(event))
        self.origin = .ending
    }

    /// Sends a Close frame, and waits for the client's.
    mutating func sendClose(_ close: WebSocketClose, now: EngineTime, _ actions: inout [WebSocketRelayAction]) {
        // The answer is to be read, whatever comes before it.
        if self.isReadingPaused { actions.append(.resumeReading) }
        actions.append(.close(close))
        self.client = .closed
        self.closeDeadline = now + self.configuration.closeTimeout
    }

    /// Ends the client's connection, if it is still there, and tells the origin.
    mutating func loseClient(_ failure: WebSocketFailure?, _ actions: inout [WebSocketRelayAction]) {
        self.endClient(failure, &actions)
        self.forgetClient()
    }

    /// Ends the client's connection, if it is still there.
    mutating func endClient(_ failure: WebSocketFailure?, _ actions: inout [WebSocketRelayAction]) {
        switch self.client {
        case .waiting: actions.append(failure.map { .fail($0) } ?? .drop(nil))
        case .open, .closing:
            if let failure, let code = failure.closeCode {
                let reason = self.configuration.isDebugging ? "\(failure)" : ""
                actions.append(.close(.sendable(WebSocketClose(unchecked: code, reason: reason))))
            }
            actions.append(.drop(failure))
        case .closed: actions.append(.drop(failure))
        case .gone: break
        }
        self.client = .gone
        self.closeDeadline = nil
    }

    private mutating func forgetClient() {
        self.client = .gone
        self.closeDeadline = nil
        switch self.origin {
        case .opening where self.events.hasNews && self.exchange == .idle:
            // The conversation has not even begun.
            self.events.removeAll()
            self.origin = .done
        case .opening where self.exchange == .idle: self.queueDisconnect()
        // It may yet refuse the connection, and then there is nothing to tell.
        case .opening: break
        case .open where self.events.hasClose: self.origin = .ending
        case .open, .closed: self.queueDisconnect()
        case .ending, .done: break
        }
    }

    /// Tells the origin that the client is gone, after what the client had to say.
    mutating func queueDisconnect() {
        self.events.append(.disconnect)
        self.origin = .ending
    }
}
