package import GRIP
import NIOCore

extension WebSocketOverHTTPRelay {
    /// Carries out the events of a response, up to the one that ends the conversation.
    mutating func follow(
        _ events: some Sequence<WebSocketEvent>,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) throws(WebSocketFailure) {
        let wasClosing = self.client == .closing && !self.events.hasClose
        for event in events {
            guard self.client == .open || self.client == .closing else { break }
            switch event {
            case .open: throw .openedTwice
            case .disconnect: throw .disconnected
            case .text(let content): try self.pass(.text, content, now: now, &actions)
            case .binary(let content): try self.pass(.binary, content, now: now, &actions)
            case .ping(let payload): try self.pass(.ping(payload), now: now, &actions)
            case .pong(let payload): try self.pass(.pong(payload), now: now, &actions)
            case .close(let close): self.originCloses(.sendable(close), now: now, &actions)
            }
        }
        if wasClosing, self.client == .closing, self.pollInterval == 0 { throw .closeUnanswered }
    }

    private mutating func pass(
        _ kind: WebSocketMessageKind,
        _ content: ByteBuffer,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) throws(WebSocketFailure) {
        switch self.hold.judge(kind, content) {
        case .control(let json) where self.client == .open:
            self.apply(self.hold.follow(json, now: now), now: now, &actions)
        case .message(let content):
            guard kind == .binary || UTF8Validator.isUTF8(content) else { throw .text }
            self.send(kind == .text ? .text(content) : .binary(content), now: now, &actions)
        case .control, .other, .undecided: break
        }
    }

    private mutating func pass(
        _ frame: WebSocketOutgoingFrame,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) throws(WebSocketFailure) {
        guard frame.payload.readableBytes <= WebSocketOutgoingFrame.maximumControlPayload else { throw .controlPayload }
        self.send(frame, now: now, &actions)
    }

    private mutating func send(
        _ frame: WebSocketOutgoingFrame,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        self.hold.noteSent(at: now)
        actions.append(.send(frame))
    }

    private mutating func originCloses(
        _ close: WebSocketClose,
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        self.events.removeAll()
        self.origin = .closed
        guard self.client == .closing else { return self.sendClose(close, now: now, &actions) }
        actions.append(.close(close))
        self.origin = .done
        self.endClient(nil, &actions)
    }

    /// Does what the hold wants.
    mutating func apply(
        _ effects: [WebSocketHold.Effect],
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) {
        for effect in effects {
            switch effect {
            case .send(let frame): self.send(frame, now: now, &actions)
            case .subscribe(let channel, let filters, let member):
                actions.append(.subscribe(channel: channel, filters: filters, member: member))
            case .unsubscribe(let channel): actions.append(.unsubscribe(channel))
            case .leaveOut(let channel):
                actions.append(.leftOut(channel))
                self.noteLeftOut(channel)
            case .detach: self.detach()
            case .close(let close): self.close(close, telling: nil, now: now, &actions)
            }
        }
    }

    /// Notes a channel that the next request names, as the origin knows it.
    private mutating func noteLeftOut(_ channel: String) {
        let prefix = self.configuration.channelPrefix
        // What the route subscribes to is not the origin's, and has no prefix.
        guard !self.configuration.implicitChannels.contains(channel), channel.utf8.starts(with: prefix.utf8),
            self.leftOut.count < Self.maximumLeftOut
        else { return }
        let name = PercentCoding.encode(Substring(channel.utf8.dropFirst(prefix.utf8.count)))
        // It travels in a header.
        if name.utf8.count <= Self.maximumLeftOutName { self.leftOut.append(name) }
    }

    /// Ends the origin's part; what it sends along with that is still carried out.
    ///
    /// What the client has sent meanwhile is no longer for the origin.
    private mutating func detach() {
        guard self.origin == .open else { return }
        self.events.removeAll()
        self.events.append(.close(nil))
        self.origin = .ending
    }
}

extension WebSocketOverHTTPRelay {
    /// Takes what was published to a channel of the connection, after its filters.
    package mutating func deliver(_ action: GRIPWebSocketMessage.Action, now: EngineTime) -> WebSocketDelivery {
        guard self.client == .open else { return .skip }
        switch action {
        case .send(.text, _), .send(.binary, _): break
        case .send(.ping, let content), .send(.pong, let content):
            guard content.byteCount <= WebSocketOutgoingFrame.maximumControlPayload else { return .skip }
        case .hint: return .skip
        case .refresh:
            let actions = self.perform(now) { relay, _ in relay.wantsRequest = relay.origin == .open }
            return actions.isEmpty ? .skip : .perform(actions)
        case .close(let code, let reason):
            let close = code.map { WebSocketClose(unchecked: WebSocketCloseCode(rawValue: $0), reason: reason) }
            return .perform(
                self.perform(now) { relay, actions in
                    relay.close(.sendable(close), telling: nil, now: now, &actions)
                }
            )
        }
        self.hold.noteSent(at: now)
        return .write
    }
}
