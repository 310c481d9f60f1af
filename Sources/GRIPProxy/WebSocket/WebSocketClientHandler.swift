import GRIP
import GRIPEngine
import Logging
import NIOCore
import NIOWebSocket

/// A client's connection once it speaks WebSocket.
final class WebSocketClientHandler: ChannelDuplexHandler, ProxyClient, SocketWriter {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    let id: UInt64
    let peerAddress: String
    var scheduled: EngineTime?
    var hasNamedLeftOutChannel = false
    var access: AccessRecord?
    private let loop: ProxyLoop
    private let conversation: HeldWebSocket
    private(set) var context: ChannelHandlerContext?
    var output: SocketOutput
    private var budget: ReadBudget
    private var isReading = true
    private var hasPendingRead = false
    /// Whether anything has come since the last pause.
    private var hasTakenFrame = false
    private var isFinishing = false
    private var writeDeadline: EngineTime?
    private var liveness: WebSocketLiveness
    /// Why it ends, as soon as somebody has said so.
    private var end: ConnectionEnd?

    /// Takes over a connection.
    ///
    /// - Parameters:
    ///   - conversation: What is said on it.
    ///   - peerAddress: Where the client is.
    ///   - output: The connection's, which has sent what the client got before.
    ///   - budget: The connection's.
    init(_ conversation: HeldWebSocket, peerAddress: String, output: SocketOutput, budget: ReadBudget) {
        self.id = conversation.id
        self.peerAddress = peerAddress
        self.loop = conversation.loop
        self.conversation = conversation
        self.output = output
        self.budget = budget
        self.liveness = WebSocketLiveness(self.loop.livenessTimes, now: self.loop.now)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        self.loop.remove(self)
        self.access?.finish(.clientGone)
        self.access = nil
        self.conversation.clientLost(self.end ?? .clientGone)
        context.fireChannelInactive()
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.hasTakenFrame = true
        guard !self.isFinishing else { return }
        self.budget.spend(ReadBudget.Cost.frame)
        let frame = self.unwrapInboundIn(data)
        if frame.opcode == .pong, self.liveness.isAnswered(by: frame.unmaskedData) { return }
        self.conversation.receive(
            opcode: UInt8(webSocketOpcode: frame.opcode),
            isFinal: frame.fin,
            reservedBits: frame.rsv1 || frame.rsv2 || frame.rsv3 ? 1 : 0,
            isMasked: frame.maskKey != nil,
            payload: frame.unmaskedData
        )
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A part of a frame shows too that the client is there.
        self.liveness.noteHeard()
        // NIO does not expect that a client's end is read and a flush finds out about the same end.
        if self.hasTakenFrame { self.flush() }
        self.hasTakenFrame = false
        self.endRead()
        context.fireChannelReadComplete()
    }

    /// Lets the origin have what came at once.
    func endRead() {
        self.conversation.clientReadEnded()
        guard let channel = self.context?.channel, self.budget.endRead(of: channel) else { return }
        self.loop.counters.readsLimited += 1
    }

    /// Whether the client may go on.
    ///
    /// Answers to its pings would pile up if it could send more without reading those it has got.
    private var takesInput: Bool {
        self.isFinishing || (self.isReading && self.context?.channel.isWritable ?? false)
    }

    private func readAgain() {
        guard self.takesInput, self.hasPendingRead else { return }
        self.hasPendingRead = false
        // What has waited in the meantime is still to be read.
        self.liveness.noteHeard()
        self.context?.read()
    }

    func read(context: ChannelHandlerContext) {
        if self.takesInput { context.read() } else { self.hasPendingRead = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isDead = self.loop.noteDead(error, self.id)
        guard let error = error as? NIOWebSocketError, !self.isFinishing else {
            return self.close(isDead ? .clientTimedOut : .clientGone)
        }
        self.conversation.receiveViolation(.invalidFrame(error))
        self.flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as ChannelEvent where event == .inputClosed: self.close(.clientGone)
        case is ChannelShouldQuiesceEvent: self.shutDown(.shutDown)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        if !self.isFinishing {
            self.writeDeadline = isWritable ? nil : self.loop.now + self.loop.timeouts.clientWrite
        }
        if !isWritable {
            // What came at once has perhaps not been sent at all; then the client is not to blame.
            self.flush()
            // The system took it, and what follows from that is done.
            if context.channel.isWritable { return }
        }
        self.conversation.clientWritabilityChanged(isWritable)
        self.readAgain()
        self.reschedule()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Time

    var nextDeadline: EngineTime? {
        .earlier(.earlier(self.writeDeadline, self.liveness.nextDeadline), self.conversation.nextDeadline)
    }

    func wake(at now: EngineTime) {
        if let writeDeadline, now >= writeDeadline {
            self.loop.timedOut(self.id, self.isFinishing ? .close : .write)
            return self.close(.clientTimedOut)
        }
        switch self.liveness.wake(at: now, self.loop.livenessTimes, canHear: self.takesInput) {
        case .ping:
            self.loop.counters.pings += 1
            self.send(0x9, isFinal: true, WebSocketLiveness.payload)
        case .lost:
            self.loop.timedOut(self.id, .pong)
            return self.close(.clientTimedOut)
        case nil: break
        }
        self.conversation.wake(at: now)
        self.flush()
    }

    func reschedule() { self.loop.schedule(self) }

    // MARK: Ending

    var member: HeldMember? { self.conversation }

    func shutDown(_ end: ConnectionEnd) {
        self.willEnd(end)
        self.conversation.shutDown(end)
    }

    func close(_ end: ConnectionEnd) {
        self.willEnd(end)
        self.context?.close(promise: nil)
    }

    private func willEnd(_ end: ConnectionEnd) {
        self.access?.willEnd(end)
        if self.end == nil { self.end = end }
    }
}

extension WebSocketClientHandler: WebSocketPeer {
    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    func send(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer) {
        guard !self.isFinishing else { return }
        // Nothing follows a close frame, and how long the client takes to answer it is limited elsewhere.
        if opcode == 0x8 { self.liveness.end() }
        self.access?.entry.byteCount += payload.readableBytes
        self.addOutput(byteCount: payload.readableBytes + 10) { bytes in
            bytes.writeFrameHead(opcode, isFinal: isFinal, byteCount: payload.readableBytes)
            bytes.writeImmutableBuffer(payload)
        }
    }

    func write(_ delivery: Delivery) {
        guard !self.isFinishing, let frame = delivery.framed.frame else { return }
        self.access?.entry.byteCount += frame.readableBytes
        self.addOutput(frame)
    }

    func flush() { self.flushOutput() }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        self.readAgain()
    }

    func finish() {
        guard !self.isFinishing, let context = self.context else { return }
        self.isFinishing = true
        self.liveness.end()
        self.access?.willEnd(.complete)
        // Closed at once, a connection would take the last frames with it when the client still sends.
        self.writeDeadline = self.loop.now + self.loop.timeouts.webSocketClose
        self.setReading(true)
        self.flushOutput(in: context) { self.context?.close(mode: .output, promise: nil) }
        self.reschedule()
    }
}

extension WebSocketClose {
    /// What the sender of a frame is told that cannot be read.
    static func invalidFrame(_ error: NIOWebSocketError) -> WebSocketClose {
        error == .invalidFrameLength
            ? WebSocketClose(unchecked: .messageTooBig, reason: "a frame is too long")
            : WebSocketClose(unchecked: .protocolError, reason: "a frame is not valid")
    }
}
