import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// A client's WebSocket whose origin gets requests with events.
final class HTTPWebSocket: HeldWebSocket {
    private var relay: WebSocketOverHTTPRelay
    private var reader: WebSocketMessageReader
    /// What goes into each request.
    ///
    /// It is here in place of the fields of the handshake, which would be looked at again for each message.
    private let fields: PassedFields
    private var current: RouteTarget
    private var otherTargets: ArraySlice<RouteTarget>
    private var call: (any OriginCall)?
    private var pendingRequest: WebSocketOverHTTPRequest?
    private var head: HTTPResponse?
    private var body = ByteBuffer()

    init(
        _ request: ClientRequest,
        route: Route,
        targets: ArraySlice<RouteTarget>,
        first target: RouteTarget,
        id: UInt64,
        loop: ProxyLoop,
        handshake: any WebSocketHandshakePeer
    ) {
        self.current = target
        self.otherTargets = targets
        self.reader = WebSocketMessageReader(from: .client, maximumMessageSize: loop.limits.webSocketMessage)
        let configuration = loop.shared(WebSocketRelayConfiguration(request, route: route, target: target, loop: loop))
        self.relay = WebSocketOverHTTPRelay(
            configuration,
            connectionID: loop.makeConnectionID(),
            jitter: loop.jitter()
        )
        self.fields = loop.webSocketFields(of: request, route: route).webSocketOverHTTPHandshake
        var request = request
        request.fields = [:]
        super.init(request, configuration: configuration, route: route, id: id, loop: loop, handshake: handshake)
    }

    // MARK: From the client

    override func begin() { self.perform(self.relay.start(now: self.loop.now)) }

    override func receive(
        opcode: UInt8,
        isFinal: Bool,
        reservedBits: UInt8,
        isMasked: Bool,
        payload: ByteBuffer
    ) {
        let output = self.reader.read(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            isMasked: isMasked,
            payload: payload
        )
        if case .none = output { return }
        if case .violation(let close) = output, close.code == .messageTooBig { self.loop.isTooLarge(.webSocketMessage) }
        self.perform(self.relay.receive(output, now: self.loop.now))
    }

    override func receiveViolation(_ close: WebSocketClose) {
        if close.code == .messageTooBig { self.loop.isTooLarge(.webSocketMessage) }
        self.perform(self.relay.receive(.violation(close), now: self.loop.now))
    }

    override func clientWritabilityChanged(_ isWritable: Bool) {
        self.perform(self.relay.setClientWritable(isWritable, now: self.loop.now))
    }

    override func clientLost(_ end: ConnectionEnd) {
        super.clientLost(end)
        self.perform(self.relay.clientLost(now: self.loop.now))
    }

    override var hold: WebSocketHold? { self.relay.hold }

    override var nextDeadline: EngineTime? { self.relay.nextDeadline }

    override func wake(at now: EngineTime) { self.perform(self.relay.wake(at: now)) }

    override func shutDown(_ end: ConnectionEnd) {
        super.shutDown(end)
        self.perform(self.relay.shutDown(end, now: self.loop.now))
    }

    override func decide(_ action: GRIPWebSocketMessage.Action, now: EngineTime) -> WebSocketDelivery {
        self.relay.deliver(action, now: now)
    }

    // MARK: Requests

    override func performOrigin(_ action: WebSocketRelayAction) {
        guard case .request(let request) = action else { return }
        self.open(request)
    }

    private func open(_ request: WebSocketOverHTTPRequest) {
        self.loop.counters.originRequests += 1
        self.pendingRequest = request
        self.head = nil
        self.body = ByteBuffer()
        let origin = self.originRequest(request)
        let call = self.loop.client(for: origin.destination).open(origin, for: self)
        self.call = call
        call.start()
    }

    private func originRequest(_ request: WebSocketOverHTTPRequest) -> OriginRequest {
        var origin = self.loop.webSocketRequest(
            self.request,
            route: self.route,
            target: self.current,
            fields: self.fields.copied()
        )
        origin.method = .post
        for field in request.fields { origin.fields.append(own: field) }
        origin.bodyLength = .known(request.body.readableBytes)
        origin.isAwaited = request.isAwaited
        return origin
    }
}

extension HTTPWebSocket: OriginReceiver {
    func originWritabilityChanged(_ isWritable: Bool) {
        guard isWritable, let request = self.pendingRequest else { return }
        self.pendingRequest = nil
        if request.body.readableBytes > 0 { self.call?.send(request.body) }
        self.call?.end(nil)
    }

    func originHead(_ head: HTTPResponse) { self.head = head }

    func originBody(_ bytes: ByteBuffer) {
        self.body.writeImmutableBuffer(bytes)
        guard self.body.readableBytes > self.loop.limits.webSocketResponse else { return }
        self.loop.isTooLarge(.webSocketResponse)
        self.call?.cancel()
        self.fail(.tooLarge)
    }

    func originReadComplete() {}

    func originEnd(_ trailers: HTTPFields?) {
        guard let head = self.head else { return self.originFailed(.closed) }
        var body = self.body
        self.call = nil
        self.head = nil
        self.body = ByteBuffer()
        if body.readableBytes > 0, let coding = WebSocketOverHTTPRelay.coding(of: head) {
            switch ContentDecoder.decode(body, coding, limit: self.loop.limits.webSocketResponse) {
            case .success(let decoded): body = decoded
            case .failure(let error): return self.fail(.coding(error))
            }
        }
        self.perform(self.relay.response(head, body: body, now: self.loop.now))
    }

    func originFailed(_ failure: OriginFailure) {
        self.loop.counters.originFailures[failure.label, default: 0] += 1
        if failure.wasNeverSent, let request = self.pendingRequest, request.isFirst,
            let next = self.otherTargets.popFirst()
        {
            self.current = next
            return self.open(request)
        }
        self.fail(failure == .busy ? .busy : failure.wasNeverSent ? .neverSent : .maybeSent)
    }

    private func fail(_ failure: WebSocketRequestFailure) {
        self.call = nil
        self.perform(self.relay.requestFailed(failure, now: self.loop.now))
    }
}
