import GRIP
import GRIPEngine
import GRIPPublisher
import HTTPTypes
import NIOCore
import NIOTLS
import NIOWebSocket

/// Who learns what an origin says over its own WebSocket.
protocol OriginWebSocketReceiver: AnyObject {
    func originAccepted(_ fields: HTTPFields)
    /// The origin answers the handshake with something else.
    ///
    /// Nothing comes after it.
    func originRejected(_ head: HTTPResponse, _ body: ByteBuffer)
    func originFrame(opcode: UInt8, isFinal: Bool, reservedBits: UInt8, isMasked: Bool, payload: ByteBuffer)
    func originViolated(_ close: WebSocketClose)
    func originWritabilityChanged(_ isWritable: Bool)
    /// There is no connection, or no more.
    ///
    /// Nothing comes after it.
    func originLost(_ failure: OriginFailure)
}

/// A WebSocket to an origin.
///
/// It belongs to the event loop of the client.
final class OriginWebSocket {
    private enum State {
        case connecting
        case waiting(HTTPResponse?, ByteBuffer)
        case open
        case ended
    }

    /// How much of a refusal is passed on.
    private static let refusalLimit = 100_000

    private let request: OriginRequest
    private let loop: ProxyLoop
    private weak var receiver: (any OriginWebSocketReceiver)?
    private var channel: (any Channel)?
    private var state = State.connecting
    /// When the connection or the answer to the handshake is overdue.
    private var deadline: Scheduled<Void>?
    /// Frames that came before frames could be written.
    private var early = ByteBuffer()
    /// What writes frames, once that is possible.
    private weak var writer: OriginWebSocketHandler?
    /// Whether frames are written together later on.
    private var isGathering = false
    private var isFinishing = false

    init(_ request: OriginRequest, loop: ProxyLoop, receiver: any OriginWebSocketReceiver) {
        self.request = request
        self.loop = loop
        self.receiver = receiver
    }

    private var server: OriginServer? {
        if case .server(let server) = self.request.destination { server } else { nil }
    }

    /// How long a frame of the origin may be.
    var frameLimit: Int { self.loop.limits.webSocketResponse }

    // MARK: Connecting

    func connect() {
        guard let server = self.server else { return self.fail(.unreachable("no server")) }
        let tls = self.loop.settings.tls
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        let limit = self.loop.limits.requestHead
        let timeout = self.loop.timeouts.originConnect
        self.wait(timeout, .unreachable("\(server.name): no connection within \(timeout)"))
        let initializer: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let operations = channel.pipeline.syncOperations
                if let settings = server.tls { try operations.addHandler(try tls.handler(for: settings)) }
                let handshake = OriginHandshakeHandler(
                    bound.value,
                    usesTLS: server.tls != nil,
                    names: bound.value.loop.fieldNames,
                    longestLine: limit
                )
                try operations.addHandler(handshake)
            }
        }
        self.loop.pool.connector.connect(to: server, initializer) { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let failure): self.fail(failure)
            }
        }
    }

    /// Gives the origin a time for what comes next.
    private func wait(_ period: Duration, _ failure: OriginFailure) {
        self.deadline?.cancel()
        self.deadline = self.loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(period)) {
            // The end of the connection would otherwise be the reason.
            self.fail(failure)
            self.channel?.close(promise: nil)
        }
    }

    private func connected(_ channel: any Channel) {
        guard case .connecting = self.state else { return channel.close(promise: nil) }
        self.channel = channel
        if let server = self.server { self.loop.pool.succeeded(server) }
    }

    /// The request that asks for a WebSocket, when there is a connection for it.
    func handshake() -> OriginRequest? {
        guard case .connecting = self.state else { return nil }
        self.state = .waiting(nil, ByteBuffer())
        self.wait(self.loop.timeouts.originResponse, .timedOut)
        return self.request
    }

    /// Takes word that what comes is not a response.
    func receiveProblem(_ problem: HTTP1Problem) { self.fail(.invalid(problem.reason)) }

    // MARK: The handshake

    func receiveHead(_ head: HTTPResponse) { self.state = .waiting(head, ByteBuffer()) }

    func receiveBody(_ bytes: ByteBuffer) {
        guard case .waiting(let head, var body) = self.state else { return }
        self.state = .waiting(nil, ByteBuffer())
        let room = Self.refusalLimit - body.readableBytes
        if let part = bytes.getSlice(at: bytes.readerIndex, length: min(room, bytes.readableBytes)) {
            body.writeImmutableBuffer(part)
        }
        self.state = .waiting(head, body)
    }

    /// Takes the end of the answer to the handshake.
    ///
    /// - Returns: Whether frames follow.
    func receiveEnd() -> Bool {
        guard case .waiting(let head?, let body) = self.state else { return false }
        self.deadline?.cancel()
        guard head.status == .switchingProtocols else {
            guard head.status.isFinal else {
                self.fail(.invalid("no response ends with status \(head.status.code)"))
                self.channel?.close(promise: nil)
                return false
            }
            self.state = .ended
            self.channel?.close(promise: nil)
            self.receiver?.originRejected(head, body)
            return false
        }
        self.state = .open
        return true
    }

    func opened(_ fields: HTTPFields) { self.receiver?.originAccepted(fields) }

    // MARK: Frames

    func receive(_ frame: NIOWebSocket.WebSocketFrame) {
        guard case .open = self.state else { return }
        self.receiver?.originFrame(
            opcode: UInt8(webSocketOpcode: frame.opcode),
            isFinal: frame.fin,
            reservedBits: frame.rsv1 || frame.rsv2 || frame.rsv3 ? 1 : 0,
            isMasked: frame.maskKey != nil,
            payload: frame.unmaskedData
        )
    }

    func violated(_ close: WebSocketClose) { self.receiver?.originViolated(close) }

    func writabilityChanged(_ isWritable: Bool) { self.receiver?.originWritabilityChanged(isWritable) }

    func send(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer) {
        guard case .open = self.state else { return }
        let key = self.loop.makeMaskKey()
        guard let writer = self.writer else {
            return self.early.writeMaskedFrame(opcode, isFinal: isFinal, payload, key: key)
        }
        writer.addOutput(byteCount: payload.readableBytes + ByteBuffer.maskedFrameHeadByteCount) { bytes in
            bytes.writeMaskedFrame(opcode, isFinal: isFinal, payload, key: key)
        }
        if !self.isGathering { writer.flushOutput() }
    }

    /// Gathers what is sent from now on, which came at once, up to ``endGathering()``.
    func beginGathering() { self.isGathering = true }

    func endGathering() {
        guard self.isGathering else { return }
        self.isGathering = false
        self.writer?.flushOutput()
    }

    /// Learns that nothing stands between the frames and the connection any more.
    func becameWritable(_ writer: OriginWebSocketHandler) {
        self.writer = writer
        if self.early.readableBytes > 0 { writer.addOutput(self.early) }
        self.early = ByteBuffer()
        if self.isFinishing { writer.finish() } else { writer.flushOutput() }
    }

    func setReading(_ isReading: Bool) {
        // Both belong to the same loop, so that this takes effect at once.
        self.channel?.setOption(.autoRead, value: isReading).whenFailure { _ in }
        if isReading { self.channel?.read() }
    }

    /// Ends the connection when everything is written.
    func finish() {
        self.state = .ended
        self.deadline?.cancel()
        self.isFinishing = true
        if let writer = self.writer {
            writer.finish()
        } else if self.early.readableBytes == 0 {
            self.channel?.close(promise: nil)
        }
    }

    /// Learns that the connection cannot be used until the handshake is over.
    func failed(_ error: any Error) {
        switch self.state {
        case .connecting:
            let name = self.server?.name ?? "the origin"
            self.fail(.unreachable(String(connectionError: error, to: name)))
        case .waiting: self.fail(.closed)
        case .open, .ended: break
        }
    }

    func countLimitedReads() { self.loop.counters.readsLimited += 1 }

    /// Learns that the connection is gone.
    func lost() {
        switch self.state {
        case .ended: break
        case .connecting:
            self.fail(.unreachable("\(self.server?.name ?? "the origin"): the origin closed the connection"))
        case .waiting, .open: self.fail(.closed)
        }
    }

    private func fail(_ failure: OriginFailure) {
        switch self.state {
        case .ended: return
        case .connecting: if let server = self.server { self.loop.pool.failed(server, failure) }
        case .waiting, .open: break
        }
        self.state = .ended
        self.deadline?.cancel()
        self.receiver?.originLost(failure)
    }
}
