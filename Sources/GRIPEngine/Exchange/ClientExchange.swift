package import GRIP
package import HTTPTypes
package import NIOCore

/// One request of a client and what becomes of it: a response that passes through, an answer of the proxy, or a hold.
///
///     sending → relaying → ended
///             → collecting → held or ended
///                          → relayingBeforeHold → held
///
/// Backpressure goes both ways: the machine says when the client's body and the origin's response are to be read.
package struct ClientExchange: Sendable {
    package enum Action: Sendable, Hashable {
        /// A request to an origin begins.
        ///
        /// A former one has failed.
        case open(OriginRequest)
        case sendBody(ByteBuffer)
        case endBody(PassedTrailers?)
        /// The request to the origin is of no more use.
        case cancelOrigin
        case readClient(Bool)
        case readOrigin(Bool)
        /// The whole response.
        case respond(ProxyReply)
        /// A response begins.
        case begin(HTTPResponse, BodyLength)
        case write(ByteBuffer)
        /// The response ends.
        case end(PassedTrailers?)
        /// The response cannot be completed: the connection must show that.
        case abort
        case hold(HoldStart)
        /// The body of the response is to be decoded, and the exchange told of the result.
        ///
        /// It is too long when it has more bytes than the limit then.
        case decode(ContentCoding, ByteBuffer, limit: Int)
        /// Something for the log.
        case note(Note)
    }

    /// What an operator may want to know.
    package enum Note: Sendable, Hashable {
        case noRoute
        case originFailed(OriginFailure, target: Int)
        case badInstruction(String)
        /// A response is needed as a whole and is too long for that.
        case responseTooLong(String)
        /// The names of channels of a hold that are over the limit.
        case channelsLeftOut([String])
    }

    enum State: Sendable, Hashable {
        case sending
        case relaying
        case collecting(HTTPResponse, ByteBuffer)
        /// The whole body is there and is being decoded.
        case decoding(HTTPResponse)
        /// A body that is too long to be collected passes on before its hold begins.
        case relayingBeforeHold(HTTPResponse, GRIPInstruction)
        case ended
    }

    package let request: ClientRequest
    package let route: Route
    let rules: ExchangeRules
    let lastIDs: [HeaderPolicy.LastID]
    /// The token that signs the request.
    let token: GRIPSecret?
    /// What is done to the response when a script has asked, see ``JSONPRequest``.
    let jsonp: JSONPWrapper?
    var state = State.sending
    var targetIndex = 0
    var body = RequestBodyBuffer()
    var isOriginWritable = false
    var isClientWritable = true

    /// Begins an exchange.
    ///
    /// - Parameters:
    ///   - request: The client's request.
    ///   - route: Its route.
    ///   - lastIDs: What the client has seen, when a hold is continued.
    ///   - jsonp: What is done to the response when a script has asked.
    ///   - rules: What all exchanges have in common.
    ///   - token: The token that signs the request, or `nil` without a key. It is only used where the route does GRIP and
    ///     the client is no trusted proxy.
    package init(
        _ request: ClientRequest,
        route: Route,
        lastIDs: [HeaderPolicy.LastID] = [],
        jsonp: JSONPWrapper? = nil,
        rules: ExchangeRules,
        token: GRIPSecret?
    ) {
        self.request = request
        self.route = route
        self.lastIDs = lastIDs
        self.jsonp = jsonp
        self.rules = rules
        self.token = token
    }

    package var isEnded: Bool { self.state == .ended }

    /// Whether the origin's response has begun and the client gets nothing before its end.
    package var isCollecting: Bool { if case .collecting = self.state { true } else { false } }

    /// The target that is being asked.
    package var target: RouteTarget? {
        self.route.targets.indices.contains(self.targetIndex) ? self.route.targets[self.targetIndex] : nil
    }

    var isDebugging: Bool { self.rules.isDebugging || self.route.isDebugging }

    /// Whether instructions are followed; without, they are the business of somebody else.
    var followsInstructions: Bool { self.route.usesGRIP && !self.request.isTrusted }

    // MARK: The request

    /// Asks the first target.
    package mutating func begin() -> [Action] {
        guard let target = self.target else {
            self.state = .ended
            return [.note(.noRoute), self.respond(.routeNotFound)]
        }
        if self.refusesEvents(of: target), self.request.fields.carryWebSocketEvents {
            self.state = .ended
            return [self.respond(.eventsNotAllowed)]
        }
        return [.open(self.originRequest(to: target))]
    }

    /// Whether only a proxy could have sent events, and the client is none.
    ///
    /// What follows instructions is signed, whatever its target is, and an origin takes signed events for the proxy's own.
    /// What a script writes into a query is its own word, even when a proxy passes it on.
    private func refusesEvents(of target: RouteTarget) -> Bool {
        guard self.route.usesGRIP || target.usesWebSocketOverHTTP else { return false }
        return !self.request.isTrusted || self.jsonp != nil
    }

    private func originRequest(to target: RouteTarget) -> OriginRequest {
        let asked = RequestTarget(authority: self.request.authority, path: self.request.path)
            .rewritten(by: self.route, for: target)
        let client = HeaderPolicy.Client(
            peerAddress: self.request.peerAddress,
            isSecure: self.rules.policy.isSecure(self.request.fields, overTLS: self.request.isOverTLS),
            isTrusted: self.request.isTrusted,
            isShownRequest: self.request.method == .trace
        )
        let token = self.followsInstructions && !client.isShownRequest ? self.token : nil
        var fields = self.rules.policy.requestFields(
            self.request.fields,
            from: client,
            route: self.route,
            token: token?.text,
            lastIDs: self.lastIDs
        )
        fields.remove(.contentLength)
        return OriginRequest(
            to: OriginDestination(target, authority: asked.authority),
            method: self.request.method,
            authority: asked.authority,
            path: asked.path,
            fields: fields,
            bodyLength: self.request.bodyLength
        )
    }

    /// Takes a piece of the client's body.
    package mutating func receiveBody(_ bytes: ByteBuffer) -> [Action] {
        guard self.state != .ended else { return [] }
        self.body.append(bytes, limit: self.rules.rememberedBody)
        return self.sendBody()
    }

    /// Takes the end of the client's body.
    package mutating func endBody(_ trailers: HTTPFields?) -> [Action] {
        guard self.state != .ended else { return [] }
        self.body.end(trailers)
        return self.sendBody()
    }

    /// Learns whether the origin takes more; it does not before there is a connection.
    package mutating func originWritabilityChanged(_ isWritable: Bool) -> [Action] {
        guard self.state != .ended else { return [] }
        self.isOriginWritable = isWritable
        return self.sendBody()
    }

    private mutating func sendBody() -> [Action] {
        var actions: [Action] = []
        if self.isOriginWritable {
            if let bytes = self.body.takeUnsent() { actions.append(.sendBody(bytes)) }
            if self.body.takeEnd() { actions.append(.endBody(self.passedTrailers)) }
        }
        let reads = self.isOriginWritable || self.body.unsentByteCount == 0
        if reads != self.body.isRead, !self.body.isComplete {
            self.body.isRead = reads
            actions.append(.readClient(reads))
        }
        return actions
    }

    private var passedTrailers: PassedTrailers? {
        HeaderPolicy.requestTrailers(self.body.trailers, route: self.route, after: self.request.fields)
    }

    // MARK: The client

    /// Learns whether the client takes more.
    package mutating func clientWritabilityChanged(_ isWritable: Bool) -> [Action] {
        guard isWritable != self.isClientWritable else { return [] }
        self.isClientWritable = isWritable
        switch self.state {
        case .relaying, .relayingBeforeHold: return [.readOrigin(isWritable)]
        case .sending, .collecting, .decoding, .ended: return []
        }
    }

    /// Learns that the client is gone.
    package mutating func clientLost() -> [Action] {
        guard self.state != .ended else { return [] }
        self.state = .ended
        return [.cancelOrigin]
    }

    // MARK: Failures

    /// Learns that the origin does not answer, or not to the end.
    package mutating func originFailed(_ failure: OriginFailure) -> [Action] {
        let note = Action.note(.originFailed(failure, target: self.targetIndex))
        switch self.state {
        case .ended: return []
        case .sending:
            if failure.wasNeverSent, self.body.isWhole, self.targetIndex + 1 < self.route.targets.count {
                self.targetIndex += 1
                self.isOriginWritable = false
                self.body.rewind()
                return [note] + self.begin()
            }
            self.state = .ended
            return [note, self.respond(self.reply(to: failure))]
        case .collecting, .decoding:
            self.state = .ended
            return [note, self.respond(self.reply(to: failure))]
        case .relaying, .relayingBeforeHold:
            self.state = .ended
            return [note, .abort]
        }
    }

    private func reply(to failure: OriginFailure) -> ProxyReply {
        let reason: String
        switch failure {
        case .unreachable:
            let tried = self.route.targets.map(\.description).joined(separator: ", ")
            reason = "Unable to connect to any targets. Tried: \(tried)"
        case .busy: return .originBusy
        case .forbidden: reason = "Error: Origin host/IP blocked."
        case .closed: reason = "The origin closed the connection before it answered."
        case .timedOut: return .originTimedOut
        case .invalid(let text): reason = "The origin's answer is not HTTP: \(text)"
        }
        return .originFailed(reason, isDebugging: self.isDebugging)
    }
}
