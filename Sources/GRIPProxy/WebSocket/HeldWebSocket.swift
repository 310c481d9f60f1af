import GRIP
import GRIPEngine
import HTTPTypes
import Logging
import NIOCore

/// A WebSocket of a client, whatever its origin speaks: its side towards the client.
class HeldWebSocket: HeldMember {
    let request: ClientRequest
    let route: Route
    /// What the engine knows about the connection.
    let configuration: Shared<WebSocketRelayConfiguration>
    private(set) weak var handshake: (any WebSocketHandshakePeer)?
    private weak var peer: (any WebSocketPeer)?
    private var filters = WebSocketItemFilters()
    private var isAccepted = false
    private var isPeerLost = false
    private var hasNamedLeftOutChannel = false
    private var ownDeadline: EngineTime?

    init(
        _ request: ClientRequest,
        configuration: Shared<WebSocketRelayConfiguration>,
        route: Route,
        id: UInt64,
        loop: ProxyLoop,
        handshake: any WebSocketHandshakePeer
    ) {
        self.request = request
        self.route = route
        self.configuration = configuration
        self.handshake = handshake
        super.init(id: id, loop: loop, kind: .webSocket)
    }

    // MARK: The conversation

    /// Begins with asking the origin.
    func begin() {}

    /// Takes a frame of the client.
    func receive(opcode: UInt8, isFinal: Bool, reservedBits: UInt8, isMasked: Bool, payload: ByteBuffer) {}

    /// Learns that the client has broken the rules of frames.
    func receiveViolation(_ close: WebSocketClose) {}

    /// Learns that all is handed over that was read at once.
    func clientReadEnded() {}

    func clientWritabilityChanged(_ isWritable: Bool) {}

    /// Does what the engine says about the origin.
    func performOrigin(_ action: WebSocketRelayAction) {}

    /// Decides what an item means, after its filters.
    func decide(_ action: GRIPWebSocketMessage.Action, now: EngineTime) -> WebSocketDelivery { .skip }

    /// What filters see of the connection.
    var hold: WebSocketHold? { nil }

    override var meta: [String: String] { self.hold?.meta ?? [:] }

    /// When it is to be woken, or nothing.
    var nextDeadline: EngineTime? { nil }

    func wake(at now: EngineTime) {}

    /// Ends the conversation from this side; the client gets no items while it is closed.
    func shutDown(_ end: ConnectionEnd) { self.unsubscribeAll(end) }

    /// Learns that the client's connection is gone.
    func clientLost(_ end: ConnectionEnd) {
        if self.isAccepted { self.loop.counters.holdsEnded[self.kind] += 1 }
        self.isPeerLost = true
        self.peer = nil
        self.handshake = nil
        self.unsubscribeAll(end)
    }

    // MARK: Actions

    func perform(_ actions: [WebSocketRelayAction]) {
        for action in actions { self.perform(action) }
        self.reschedule()
    }

    private func reschedule() {
        guard self.isPeerLost else {
            if let peer = self.peer { peer.reschedule() } else { self.handshake?.reschedule() }
            return
        }
        // Nobody has a connection any more that the loop would wake.
        guard let deadline = self.nextDeadline, deadline != self.ownDeadline else { return }
        self.ownDeadline = deadline
        self.loop.wake(self, at: deadline)
    }

    private func perform(_ action: WebSocketRelayAction) {
        switch action {
        case .accept(let fields):
            self.isAccepted = true
            self.loop.counters.holdsBegun[self.kind] += 1
            self.peer = self.handshake?.accept(fields, for: self)
            self.handshake = nil
        case .reject(let head, let body):
            var reply = ProxyReply(head.status, "")
            (reply.head, reply.body) = (head, body)
            self.reject(reply)
        case .fail(let failure):
            self.log(failure)
            let reason = failure == .shuttingDown ? "The proxy shuts down." : "Error while proxying to origin."
            self.reject(ProxyReply(failure.status, self.configuration.value.isDebugging ? "\(failure)" : reason))
        case .note(let failure): self.log(failure)
        case .send(let frame): self.send(frame.opcode.rawValue, isFinal: frame.isFinal, frame.payload)
        case .close(let close):
            // Nothing follows, so that what is still published is not for this client.
            self.unsubscribeAll(.complete)
            self.send(0x8, isFinal: true, close?.payload ?? ByteBuffer())
        case .drop(let failure):
            let end = failure.map { ConnectionEnd($0) } ?? .complete
            if let failure {
                self.log(failure)
                self.loop.clients[self.id]?.access?.reason = end
            }
            self.unsubscribeAll(end)
            if failure == .closeTimeout, let peer = self.peer {
                self.loop.timedOut(self.id, .close)
                peer.close(end)
            } else {
                self.peer?.finish()
            }
            self.handshake?.abort()
        case .subscribe(let channel, let filters, let member):
            guard !self.isPeerLost else { return }
            self.filters.set(filters, for: channel)
            self.subscribe(to: channel, as: member)
        case .unsubscribe(let channel):
            self.filters.remove(channel)
            self.unsubscribe(from: channel)
        case .leftOut(let channel): self.leftOut(channel)
        case .overflowed(let byteCount): self.loop.overflowed(self, bytes: byteCount)
        case .pauseReading: self.peer?.setReading(false)
        case .resumeReading: self.peer?.setReading(true)
        case .request, .sendToOrigin, .closeOrigin, .dropOrigin: self.performOrigin(action)
        case .finished:
            self.unsubscribeAll(.complete)
            self.peer?.finish()
            self.loop.release(self)
        }
    }

    private func reject(_ reply: ProxyReply) {
        self.handshake?.reject(reply)
        self.handshake = nil
    }

    private func send(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer) {
        self.peer?.send(opcode, isFinal: isFinal, payload)
        self.loop.flushes.add(self)
    }

    private func log(_ failure: WebSocketFailure) { self.loop.log(failure, for: self.request, route: self.route) }

    private func leftOut(_ channel: String) {
        self.loop.leftOut([channel], of: self.id, isNamed: self.hasNamedLeftOutChannel)
        self.hasNamedLeftOutChannel = true
    }

    // MARK: Items

    override func deliver(_ delivery: Delivery, slot: Int, now: EngineTime) {
        guard let action = delivery.webSocket?.action, let hold = self.hold else { return }
        switch self.filters.apply(to: delivery, for: hold) {
        case .unchanged: self.deliver(action, now: now) { $0.write(delivery) }
        case .replaced(let content):
            guard case .send(let type, _) = action else { return }
            self.deliver(.send(type, .binary(content)), now: now) { $0.send(type.opcode, isFinal: true, content) }
        case .dropped: break
        case .failed(let reason): self.loop.logFilterFailure(reason, channel: delivery.channel)
        }
    }

    private func deliver(_ action: GRIPWebSocketMessage.Action, now: EngineTime, _ write: (any WebSocketPeer) -> Void) {
        switch self.decide(action, now: now) {
        case .write:
            guard let peer = self.peer else { return }
            let byteCount = action.byteCount
            guard self.hasRoom(for: byteCount, at: peer) else {
                return self.loop.overflowed(self, bytes: byteCount)
            }
            write(peer)
            self.loop.counters.delivered[self.kind] += 1
            self.loop.flushes.add(self)
        case .skip: break
        case .overflow: self.loop.overflowed(self, bytes: action.byteCount)
        case .perform(let actions): self.perform(actions)
        }
    }

    private func hasRoom(for byteCount: Int, at peer: any WebSocketPeer) -> Bool {
        func fits() -> Bool {
            if peer.isWritable, !peer.hasManyWrites { return true }
            return peer.pendingByteCount + byteCount <= self.loop.limits.queuedBytes
        }
        if fits() { return true }
        // What waits for this proxy alone is no fault of the client's.
        guard self.needsFlush else { return false }
        self.flush()
        return fits()
    }

    override func flush() { self.peer?.flush() }

    func setClientReading(_ isReading: Bool) { self.peer?.setReading(isReading) }
}

extension ConnectionEnd {
    fileprivate init(_ failure: WebSocketFailure) {
        switch failure {
        case .shuttingDown: self = .shutDown
        case .closeTimeout: self = .clientTimedOut
        default: self = .originFailed
        }
    }
}

extension WebSocketRelayConfiguration {
    init(_ request: ClientRequest, route: Route, target: RouteTarget, loop: ProxyLoop) {
        self.init()
        self.gripRole = request.isTrusted ? .relayed : route.usesGRIP ? .followed : .off
        self.channelPrefix = route.channelPrefix
        self.implicitChannels = target.subscriptions
        self.maximumSubscriptions = loop.limits.subscriptionsPerConnection
        self.maximumPendingBytes = loop.limits.webSocketMessage
        self.maximumQueuedBytes = loop.limits.webSocketMessage
        self.sendsOneEvent = target.sendsOneEvent
        self.closeTimeout = loop.timeouts.webSocketClose
        self.isDebugging = route.isDebugging || loop.rules.isDebugging
    }
}

extension GRIPWebSocketMessage.Action {
    /// How much is to be sent.
    fileprivate var byteCount: Int { if case .send(_, let content) = self { content.byteCount } else { 0 } }
}

extension GRIPWebSocketMessage.MessageType {
    /// The number of the type on the wire (RFC 6455 section 11.8).
    var opcode: UInt8 {
        switch self {
        case .text: 0x1
        case .binary: 0x2
        case .ping: 0x9
        case .pong: 0xA
        }
    }
}

extension WebSocketClose {
    /// The payload of a Close frame (RFC 6455 section 5.5.1).
    var payload: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(self.code.rawValue)
        buffer.writeString(self.reason)
        return buffer
    }
}
