import GRIP
package import HTTPTypes
package import NIOCore

extension WebSocketOverHTTPRelay {
    /// The type of requests and responses.
    static let mediaType = "application/websocket-events"

    /// Takes the origin's response to the request that is under way.
    package mutating func response(
        _ head: HTTPResponse,
        body: ByteBuffer,
        now: EngineTime
    ) -> [WebSocketRelayAction] {
        self.perform(now) { relay, actions in
            guard relay.exchange == .inFlight else { return }
            relay.exchange = .idle
            relay.retryCount = 0
            relay.leftOut.removeAll()
            if relay.origin == .opening, let failure = Self.problem(of: head) {
                return relay.refuse(head, body, failure, &actions)
            }
            let wasEnding = relay.origin == .ending
            do throws(WebSocketFailure) {
                let events = try relay.read(head, body)
                switch relay.origin {
                case .opening: try relay.open(head, events, now: now, &actions)
                case .open: try relay.follow(events, now: now, &actions)
                case .ending where events.contains(.disconnect): relay.loseOrigin(.disconnected, &actions)
                case .ending, .closed, .done: break
                }
            } catch {
                if !wasEnding { relay.endClient(error, &actions) }
                relay.loseOrigin(error, &actions)
            }
        }
    }

    /// How the events of a response are coded; what else comes from an origin is passed on as it is.
    package static func coding(of head: HTTPResponse) -> ContentCoding? {
        Self.problem(of: head) == nil ? ContentCoding(head.headerFields) : nil
    }

    /// What is wrong with a response before its body is looked at, or nothing.
    private static func problem(of head: HTTPResponse) -> WebSocketFailure? {
        guard head.status == .ok else { return .status(head.status.code) }
        let type = head.headerFields[values: .contentType].first
        return type?.isMediaType(Self.mediaType) == true ? nil : .contentType(type.map { String($0.prefix(100)) })
    }

    /// Passes on the response of an origin that does not want the connection.
    private mutating func refuse(
        _ head: HTTPResponse,
        _ body: ByteBuffer,
        _ failure: WebSocketFailure,
        _ actions: inout [WebSocketRelayAction]
    ) {
        // An origin that answers with 200 means to open the connection.
        if case .contentType = failure { actions.append(.note(failure)) }
        if self.client == .waiting, head.status.kind != .informational {
            var head = head
            head.headerFields = head.headerFields.webSocketRejection(for: self.configuration.gripRole, overHTTP: true)
            actions.append(.reject(head, body))
            self.client = .gone
        }
        self.loseOrigin(failure, &actions)
    }

    /// Reads the events of a response, and does what its header says.
    private mutating func read(
        _ head: HTTPResponse,
        _ body: ByteBuffer
    ) throws(WebSocketFailure) -> [WebSocketEvent] {
        if let failure = Self.problem(of: head) { throw failure }
        let events: [WebSocketEvent]
        do { events = try WebSocketEvent.decode(body) } catch { throw .events(error) }
        if let interval = head.headerFields[values: .keepAliveInterval].first {
            self.pollInterval = Int32(clamping: max(0, FieldParameters.integer(interval) ?? 0))
        }
        try self.store(head.headerFields)
        let accepted = head.headerFields[values: .contentBytesAccepted].first.flatMap { FieldParameters.integer($0) }
        try self.settle(accepting: accepted.flatMap { $0 < 0 ? nil : $0 })
        return events
    }

    private mutating func store(_ fields: HTTPFields) throws(WebSocketFailure) {
        var hasChanged = false
        for field in fields {
            guard let name = field.name.storedMetaName else { continue }
            self.meta[name] = nil
            var remembered = field
            remembered.name = name
            if !field.value.isEmpty { self.meta.append(remembered) }
            hasChanged = true
        }
        guard hasChanged else { return }
        let size = self.meta.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        guard size <= self.configuration.maximumMetaSize else { throw .tooMuchMeta }
    }

    private mutating func settle(accepting byteCount: Int?) throws(WebSocketFailure) {
        let settlement = self.events.settle(accepting: byteCount)
        // Nothing more will come of a client that is gone or going, so what is left does not wait for it.
        let isLast = self.origin == .ending || self.client == .closing
        switch settlement {
        case .all: return
        case .some: self.wantsRequest = isLast || self.wantsRequest
        case .nothing where self.origin == .ending: self.events.discardOffered()
        case .nothing where self.configuration.sendsOneEvent && self.events.hasNews: throw .contentBytesAccepted
        case .nothing where isLast && self.pollInterval == 0: throw .contentBytesAccepted
        case .nothing: return
        case .invalid: throw .contentBytesAccepted
        }
    }

    private mutating func open(
        _ head: HTTPResponse,
        _ events: [WebSocketEvent],
        now: EngineTime,
        _ actions: inout [WebSocketRelayAction]
    ) throws(WebSocketFailure) {
        let isOpen = events.first == .open
        guard isOpen || (events.isEmpty && self.pollInterval > 0) else { throw .notOpened }
        guard self.client == .waiting else { return self.queueDisconnect() }
        guard isOpen else { return }
        let role = self.configuration.gripRole
        self.origin = .open
        self.client = .open
        actions.append(.accept(head.headerFields.webSocketAcceptance(for: role, overHTTP: true)))
        let messagePrefix = role == .followed ? head.headerFields.webSocketMessagePrefix : nil
        self.apply(self.hold.open(messagePrefix: messagePrefix), now: now, &actions)
        try self.follow(events.dropFirst(), now: now, &actions)
    }
}
