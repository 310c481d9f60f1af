import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// A client's WebSocket whose origin speaks WebSocket too.
final class NativeWebSocket: HeldWebSocket {
    private let target: RouteTarget
    private var relay: NativeWebSocketRelay
    private var clientReader: WebSocketFrameReader
    private var originReader: WebSocketFrameReader
    private var otherTargets: ArraySlice<RouteTarget>
    private var origin: OriginWebSocket?

    init(
        _ request: ClientRequest,
        route: Route,
        targets: ArraySlice<RouteTarget>,
        first target: RouteTarget,
        id: UInt64,
        loop: ProxyLoop,
        handshake: any WebSocketHandshakePeer
    ) {
        self.otherTargets = targets
        self.clientReader = WebSocketFrameReader(from: .client, maximumMessageSize: .max)
        self.originReader = WebSocketFrameReader(from: .origin, maximumMessageSize: .max)
        self.target = target
        let configuration = loop.shared(WebSocketRelayConfiguration(request, route: route, target: target, loop: loop))
        self.relay = NativeWebSocketRelay(configuration, jitter: loop.jitter())
        super.init(request, configuration: configuration, route: route, id: id, loop: loop, handshake: handshake)
    }

    // MARK: From the client

    override func begin() { self.connect(to: self.target) }

    private func connect(to target: RouteTarget) {
        self.loop.counters.originRequests += 1
        let origin = OriginWebSocket(
            self.loop.webSocketRequest(
                self.request,
                route: self.route,
                target: target,
                fields: self.loop.webSocketFields(of: self.request, route: self.route)
            ),
            loop: self.loop,
            receiver: self
        )
        self.origin = origin
        origin.connect()
    }

    override func receive(
        opcode: UInt8,
        isFinal: Bool,
        reservedBits: UInt8,
        isMasked: Bool,
        payload: ByteBuffer
    ) {
        let output = self.clientReader.read(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            isMasked: isMasked,
            payload: payload
        )
        self.origin?.beginGathering()
        self.perform(self.relay.receiveFromClient(output, now: self.loop.now))
    }

    override func clientReadEnded() { self.origin?.endGathering() }

    override func receiveViolation(_ close: WebSocketClose) {
        if close.code == .messageTooBig { self.loop.isTooLarge(.webSocketMessage) }
        self.perform(self.relay.receiveFromClient(.violation(close), now: self.loop.now))
    }

    override func clientWritabilityChanged(_ isWritable: Bool) { self.origin?.setReading(isWritable) }

    override func clientLost(_ end: ConnectionEnd) {
        super.clientLost(end)
        self.perform(self.relay.clientLost(now: self.loop.now))
    }

    override var hold: WebSocketHold? { self.relay.hold }

    override var nextDeadline: EngineTime? { self.relay.nextDeadline }

    override func wake(at now: EngineTime) {
        let actions = self.relay.wake(at: now)
        if actions.contains(.drop(.closeUnanswered)) {
            self.loop.counters.originFailures[OriginFailure.timedOut.label, default: 0] += 1
        }
        self.perform(actions)
    }

    override func shutDown(_ end: ConnectionEnd) {
        super.shutDown(end)
        self.perform(self.relay.shutDown(end, now: self.loop.now))
    }

    override func decide(_ action: GRIPWebSocketMessage.Action, now: EngineTime) -> WebSocketDelivery {
        self.relay.deliver(action, now: now)
    }

    // MARK: To the origin

    override func performOrigin(_ action: WebSocketRelayAction) {
        switch action {
        case .sendToOrigin(let frame):
            self.origin?.send(frame.opcode.rawValue, isFinal: frame.isFinal, frame.payload)
        case .closeOrigin(let close): self.origin?.send(0x8, isFinal: true, close?.payload ?? ByteBuffer())
        case .dropOrigin:
            self.origin?.finish()
            self.origin = nil
        default: break
        }
    }
}

extension NativeWebSocket: OriginWebSocketReceiver {
    func originAccepted(_ fields: HTTPFields) {
        self.perform(self.relay.originAccepted(fields, now: self.loop.now))
    }

    func originRejected(_ head: HTTPResponse, _ body: ByteBuffer) {
        self.origin = nil
        self.perform(self.relay.originRejected(head, body: body))
    }

    func originFrame(opcode: UInt8, isFinal: Bool, reservedBits: UInt8, isMasked: Bool, payload: ByteBuffer) {
        let output = self.originReader.read(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            isMasked: isMasked,
            payload: payload
        )
        self.perform(self.relay.receiveFromOrigin(output, now: self.loop.now))
    }

    func originViolated(_ close: WebSocketClose) {
        if close.code == .messageTooBig { self.loop.isTooLarge(.webSocketResponse) }
        self.perform(self.relay.receiveFromOrigin(.violation(close), now: self.loop.now))
    }

    func originWritabilityChanged(_ isWritable: Bool) { self.setClientReading(isWritable) }

    func originLost(_ failure: OriginFailure) {
        self.loop.counters.originFailures[failure.label, default: 0] += 1
        self.origin = nil
        if failure.wasNeverSent, let next = self.otherTargets.popFirst() { return self.connect(to: next) }
        self.perform(self.relay.originLost(now: self.loop.now))
    }
}
