package import GRIP
package import HTTPTypes
package import NIOCore

extension WebSocketOverHTTPRelay {
    /// Takes the origin's answer to the request that is under way.
    ///
    /// - Parameter random: A number from 0 to 1 for the time of keep-alives.
    package mutating func response(
        _ head: HTTPResponse,
        _ body: ByteBuffer,
        now: EngineTime,
        random: Double
    ) -> [Action] {
        guard self.isRequestInFlight, self.state != .finished else { return [] }
        self.isRequestInFlight = false
        self.retry = nil
        let isOpening = self.state == .opening
        guard head.status.code == 200, head.headerFields.areWebSocketEvents else {
            return isOpening ? self.reject(head, body) : self.end("the origin answers events with \(head.status.code)")
        }
        let events: [WebSocketEvent]
        let madeProgress: Bool
        do {
            events = try WebSocketEvent.decode(body)
            madeProgress = try self.pending.accept(head.headerFields.acceptedByteCount)
        } catch {
            let reason = "the origin's answer to events is not valid"
            return isOpening ? self.refuseHandshake(reason) : self.end(reason)
        }
        self.readHeaders(head.headerFields)
        var actions = isOpening ? self.opened(head.headerFields, events, now: now, random: random) : []
        if !isOpening { actions += self.perform(events, now: now, random: random) }
        return actions + self.afterResponse(madeProgress: madeProgress, now: now)
    }

    /// Ends a connection whose origin does not answer as it should.
    private mutating func end(_ reason: String) -> [Action] {
        self.state == .disconnecting ? self.finish() : self.giveUp(reason)
    }

    private mutating func finish() -> [Action] {
        self.state = .finished
        return [.finished]
    }

    /// What there is to do when an answer has been followed.
    private mutating func afterResponse(madeProgress: Bool, now: EngineTime) -> [Action] {
        var actions: [Action] = []
        switch self.state {
        case .finished: return []
        case .opening:
            if self.isClientLost { return self.disconnect(now: now) }
            self.armKeepAlive(now: now)
        case .open:
            if self.isClientLost { return self.disconnect(now: now) }
            actions = self.goOn(now: now)
            if !self.isRequestInFlight { self.armKeepAlive(now: now) }
            if !self.isReading, self.pending.byteCount <= self.configuration.pendingBytes {
                self.isReading = true
                actions.append(.readClient(true))
            }
        case .closing: actions = self.goOn(now: now)
        case .disconnecting: return self.pending.hasNews ? self.sendRequest() : self.finish()
        case .closedByClient:
            guard self.pending.isEmpty else {
                // The rest goes out again, unless the origin takes none of it.
                return madeProgress ? self.sendRequest() : self.giveUp("the origin takes no more events")
            }
            // The origin has heard of the close and says nothing of its own.
            guard self.keepAliveInterval != nil else {
                self.state = .finished
                return [.drop, .finished]
            }
            self.armKeepAlive(now: now)
        }
        return actions
    }

    private mutating func readHeaders(_ fields: HTTPFields) {
        if let text = fields[values: .keepAliveInterval].first {
            self.keepAliveInterval = Int(text.trimmingASCIIWhitespace()).flatMap { $0 > 0 ? $0 : nil }
        }
        for field in fields {
            guard let name = field.name.setMetaName else { continue }
            self.meta[name] = nil
            if !field.value.isEmpty { self.meta.append(HTTPField(name: name, value: field.value)) }
        }
    }

    // MARK: The handshake

    private mutating func reject(_ head: HTTPResponse, _ body: ByteBuffer) -> [Action] {
        self.state = .finished
        guard !self.isClientLost else { return [.finished] }
        var reply = ProxyReply(head.status, "")
        reply.body = body
        reply.head = HTTPResponse(
            status: head.status,
            headerFields: HeaderPolicy.responseFields(head.headerFields, kind: .instructed).withoutWebSocketOverHTTP
        )
        return [.reject(reply), .finished]
    }

    private mutating func opened(
        _ fields: HTTPFields,
        _ events: [WebSocketEvent],
        now: EngineTime,
        random: Double
    ) -> [Action] {
        guard let first = events.first else {
            // The handshake stays pending when the origin wants to be asked again.
            guard self.keepAliveInterval != nil else { return self.refuseHandshake("the origin does not open") }
            return []
        }
        guard first == .open else { return self.refuseHandshake("the origin's first event is not OPEN") }
        let prefix =
            self.configuration.followsInstructions
            ? fields[values: .secWebSocketExtensions].lazy.compactMap {
                WebSocketMessagePrefix(extensionFieldValue: $0)
            }
            .first : nil
        self.hold = WebSocketHold(
            messagePrefix: prefix,
            routePrefix: self.configuration.channelPrefix,
            implicit: self.configuration.implicitChannels,
            limit: self.configuration.subscriptions,
            now: now
        )
        self.state = .open
        guard !self.isClientLost else { return [] }
        let accepted = HeaderPolicy.responseFields(fields, kind: .instructed).withoutWebSocketOverHTTP
        let implicit = (self.hold?.channels ?? []).map { Action.subscribe($0) }
        return [.accept(accepted)] + implicit + self.perform(Array(events.dropFirst()), now: now, random: random)
    }

    // MARK: Events

    private mutating func perform(_ events: [WebSocketEvent], now: EngineTime, random: Double) -> [Action] {
        var actions: [Action] = []
        for event in events {
            switch self.state {
            case .open: actions += self.perform(event, now: now, random: random)
            case .closedByClient: actions += self.performAfterClose(event, now: now)
            case .opening, .closing, .disconnecting, .finished: return actions
            }
        }
        return actions
    }

    private mutating func perform(_ event: WebSocketEvent, now: EngineTime, random: Double) -> [Action] {
        guard !self.isDetached else { return [] }
        switch event {
        case .open, .disconnect:
            self.state = .finished
            return [.drop, .finished]
        case .text(let bytes): return self.relay(WebSocketFrame(.text, bytes), now: now, random: random)
        case .binary(let bytes): return self.relay(WebSocketFrame(.binary, bytes), now: now, random: random)
        case .ping(let bytes): return self.relay(WebSocketFrame(.ping, bytes), now: now, random: random)
        case .pong(let bytes): return self.relay(WebSocketFrame(.pong, bytes), now: now, random: random)
        case .close(let close):
            self.beginClosing(tellsOrigin: false, now: now)
            self.pending.removeAll()
            return [.close(close ?? WebSocketClose(unchecked: .normalClosure))]
        }
    }

    /// The client has closed: only the origin's own close is of interest, and messages that were under way.
    private mutating func performAfterClose(_ event: WebSocketEvent, now: EngineTime) -> [Action] {
        guard case .close(let close) = event else { return [] }
        self.state = .finished
        return [.close(close ?? WebSocketClose(unchecked: .normalClosure)), .finished]
    }

    private mutating func relay(_ frame: WebSocketFrame, now: EngineTime, random: Double) -> [Action] {
        guard var hold = self.hold else { return [] }
        let actions = hold.receive(frame, now: now, random: random)
        self.hold = hold
        return self.perform(actions, now: now)
    }

    mutating func perform(_ actions: [WebSocketHold.Action], now: EngineTime) -> [Action] {
        var result: [Action] = []
        for action in actions {
            switch action {
            case .send(let frame): result.append(.send(frame))
            case .subscribe(let channel): result.append(.subscribe(channel))
            case .unsubscribe(let name): result.append(.unsubscribe(name))
            case .note(let text): result.append(.note(text))
            case .detach:
                guard !self.isDetached else { continue }
                self.isDetached = true
                self.keepAliveDeadline = nil
                self.pending.removeAll()
                self.pending.append(.close(nil))
            case .fail(let close):
                self.beginClosing(tellsOrigin: true, now: now)
                result.append(.close(close))
            }
        }
        return result
    }
}

extension HTTPFields {
    fileprivate var areWebSocketEvents: Bool {
        self[values: .contentType].first == "application/websocket-events"
    }

    fileprivate var acceptedByteCount: Int? {
        self[values: .contentBytesAccepted].first.flatMap { Int($0.trimmingASCIIWhitespace()) }
    }

    /// The fields without those that only concern the proxy.
    fileprivate var withoutWebSocketOverHTTP: HTTPFields {
        var fields = self
        for name: HTTPField.Name in [
            .contentBytesAccepted, .keepAliveInterval, .secWebSocketExtensions, .secWebSocketAccept, .upgrade,
        ] {
            fields[name] = nil
        }
        if fields.areWebSocketEvents { fields[.contentType] = nil }
        fields.removeAll { $0.setMetaName != nil }
        return fields
    }
}

extension HTTPField.Name {
    /// The header that carries an entry of the meta back, when this is one that sets it.
    fileprivate var setMetaName: HTTPField.Name? {
        let name = self.rawName
        guard name.utf8.count > "set-meta-".utf8.count, self.canonicalName.hasPrefix("set-meta-") else { return nil }
        return HTTPField.Name(String(name.dropFirst("set-".count)))
    }
}
