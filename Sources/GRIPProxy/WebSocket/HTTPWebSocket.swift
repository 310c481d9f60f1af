import GRIP
import GRIPEngine
import HTTPTypes
import Logging
import NIOCore

/// A client's WebSocket whose origin gets requests with events.
final class HTTPWebSocket: HeldMember, WebSocketConversation {
    private var relay: WebSocketOverHTTPRelay
    private let request: ClientRequest
    private let route: Route
    private var target: RouteTarget
    private var remainingTargets: ArraySlice<RouteTarget>
    private let connectionID: String
    private weak var handshake: (any WebSocketHandshakePeer)?
    private weak var peer: (any WebSocketPeer)?
    private var call: (any OriginCall)?
    private var pendingRequest: WebSocketOverHTTPRelay.Request?
    private var head: HTTPResponse?
    private var body = ByteBuffer()

    init(
        _ request: ClientRequest,
        route: Route,
        target: RouteTarget,
        others: ArraySlice<RouteTarget>,
        id: UInt64,
        loop: ProxyLoop,
        handshake: any WebSocketHandshakePeer
    ) {
        self.request = request
        self.route = route
        self.target = target
        self.remainingTargets = others
        self.handshake = handshake
        self.connectionID = loop.makeConnectionID()
        var configuration = WebSocketOverHTTPRelay.Configuration()
        configuration.pendingBytes = loop.limits.webSocketMessage
        configuration.closeTimeout = loop.timeouts.webSocketClose
        configuration.subscriptions = loop.limits.subscriptionsPerConnection
        configuration.channelPrefix = route.channelPrefix
        configuration.implicitChannels = target.subscriptions
        configuration.sendsOneEvent = target.sendsOneEvent
        configuration.followsInstructions = route.usesGRIP
        self.relay = WebSocketOverHTTPRelay(configuration)
        super.init(id: id, loop: loop, kind: .webSocket)
    }

    // MARK: From the client

    func begin() { self.run { $0.begin() } }

    func receive(_ result: WebSocketFrameReader.Result) {
        let now = self.loop.now
        self.run { $0.receive(result, now: now) }
    }

    func clientWritabilityChanged(_ isWritable: Bool) {
        let now = self.loop.now
        self.run { $0.clientWritabilityChanged(isWritable, now: now) }
    }

    func clientLost() {
        let now = self.loop.now
        self.peer = nil
        self.handshake = nil
        self.run { $0.clientLost(now: now) }
        self.unsubscribeAll()
    }

    var nextDeadline: EngineTime? { self.relay.nextDeadline }

    func wake(at now: EngineTime) {
        let random = self.loop.random()
        self.run { $0.wake(at: now, random: random) }
    }

    func shutDown() {
        let now = self.loop.now
        self.run { $0.shutDown(now: now) }
    }

    // MARK: Items

    override func deliver(_ delivery: Delivery, slot: Int, now: EngineTime) {
        switch self.relay.receive(delivery, now: now) {
        case .write:
            guard let peer = self.peer, self.hasRoom(peer, for: delivery.webSocketContent.readableBytes) else { return }
            peer.write(delivery)
            self.loop.counters.delivered += 1
            self.loop.flushLater(self)
        case .skip: break
        case .perform(let actions): self.perform(actions)
        case .failed(let reason): self.loop.logFilterFailure(reason, channel: delivery.channel)
        }
    }

    private func hasRoom(_ peer: any WebSocketPeer, for byteCount: Int) -> Bool {
        guard !peer.isWritable, peer.pendingByteCount + byteCount > self.loop.limits.queuedBytes else { return true }
        self.loop.overflowed(self, bytes: byteCount)
        return false
    }

    override func flush() { self.peer?.flush() }

    // MARK: Actions

    private func run(_ event: (inout WebSocketOverHTTPRelay) -> [WebSocketOverHTTPRelay.Action]) {
        self.perform(event(&self.relay))
    }

    private func perform(_ actions: [WebSocketOverHTTPRelay.Action]) {
        for action in actions { self.perform(action) }
        self.reschedule()
    }

    private func reschedule() {
        if let peer = self.peer { peer.reschedule() } else { self.handshake?.reschedule() }
    }

    private func perform(_ action: WebSocketOverHTTPRelay.Action) {
        switch action {
        case .request(let request): self.open(request)
        case .accept(let fields):
            self.loop.counters.webSocketsOpened += 1
            self.peer = self.handshake?.accept(fields, for: self)
            self.handshake = nil
        case .reject(let reply):
            self.handshake?.reject(reply)
            self.handshake = nil
        case .send(let frame):
            self.peer?.send(frame)
            self.loop.flushLater(self)
        case .close(let close):
            self.peer?.send(WebSocketFrame(.close, close.payload))
            self.loop.flushLater(self)
        case .drop: self.peer?.finish()
        case .subscribe(let channel): self.subscribe(to: channel.name)
        case .unsubscribe(let name): self.unsubscribe(from: name)
        case .readClient(let isReading): self.peer?.setReading(isReading)
        case .note(let text):
            self.loop.logger.info("\(text)", metadata: ["grip.connection": "\(self.connectionID)"])
        case .finished: self.finish()
        }
    }

    private func finish() {
        self.unsubscribeAll()
        self.peer?.finish()
        self.loop.release(self)
    }

    // MARK: Requests

    private func open(_ request: WebSocketOverHTTPRelay.Request) {
        self.loop.counters.originRequests += 1
        self.pendingRequest = request
        self.head = nil
        self.body = ByteBuffer()
        let origin = self.originRequest(request)
        let call = self.loop.client(for: origin.destination).open(origin, for: self)
        self.call = call
        call.start()
    }

    private func originRequest(_ request: WebSocketOverHTTPRelay.Request) -> OriginRequest {
        let asked = RequestTarget(authority: self.request.authority, path: self.request.path)
            .rewritten(by: self.route, for: self.target)
        let isTrusted = self.request.isTrusted
        let rules = self.loop.rules
        var fields = rules.policy.requestFields(
            self.request.fields,
            from: HeaderPolicy.Client(
                peerAddress: self.request.peerAddress,
                transport: .webSocket,
                isSecure: rules.policy.isSecure(self.request.fields, overTLS: self.request.isOverTLS),
                isTrusted: isTrusted
            ),
            route: self.route,
            token: isTrusted || !self.route.usesGRIP ? nil : self.loop.signature(self.route)
        )
        fields.prepareForWebSocketEvents(connectionID: self.connectionID)
        fields.append(contentsOf: request.fields)
        return OriginRequest(
            to: OriginDestination(self.target, authority: asked.authority),
            method: .post,
            authority: asked.authority,
            path: asked.path,
            fields: fields,
            bodyLength: .known(request.body.readableBytes)
        )
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
        self.call?.cancel()
        self.fail(.tooLong)
    }

    func originReadComplete() {}

    func originEnd(_ trailers: HTTPFields?) {
        guard let head = self.head else { return self.originFailed(.closed) }
        let body = self.body
        self.call = nil
        self.head = nil
        self.body = ByteBuffer()
        let now = self.loop.now
        let random = self.loop.random()
        self.run { $0.response(head, body, now: now, random: random) }
        self.flush()
    }

    func originFailed(_ failure: OriginFailure) {
        self.loop.counters.originFailures[failure.label, default: 0] += 1
        if failure.wasNeverSent, self.handshake != nil, let request = self.pendingRequest,
            let next = self.remainingTargets.popFirst()
        {
            self.target = next
            return self.open(request)
        }
        self.fail(failure.wasNeverSent ? .neverSent("\(failure)") : .maybeSent("\(failure)"))
    }

    private func fail(_ failure: WebSocketOverHTTPRelay.Failure) {
        self.call = nil
        let now = self.loop.now
        let random = self.loop.random()
        self.run { $0.requestFailed(failure, now: now, random: random) }
    }
}
