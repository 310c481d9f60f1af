import NIOCore
import NIOPosix
import Synchronization

/// An origin that answers with whatever bytes a test wants, and reads strictly what the proxy sends.
final class FuzzOrigin: Sendable {
    struct Request: Sendable {
        var method: String
        var target: String
        var head: StrictHTTPHead
        var body: [UInt8]
    }

    struct Answer: Sendable {
        enum Ending: Sendable {
            /// The connection waits for another request.
            case keep
            /// What the proxy sends from now on are frames, and each message comes back.
            case echo
            /// What the proxy sends from now on are frames.
            case frames
            /// The connection ends after the answer.
            case close
        }

        var parts: [[UInt8]]
        var ending = Ending.keep
    }

    private struct State {
        var mistakes: [String] = []
        var connections: [ObjectIdentifier: any Channel] = [:]
        var requestCount = 0
    }

    private let state = Mutex(State())
    private let wantsSignatures: Bool
    private let answer: @Sendable (Request) -> Answer

    init(wantsSignatures: Bool = false, _ answer: @escaping @Sendable (Request) -> Answer) {
        self.wantsSignatures = wantsSignatures
        self.answer = answer
    }

    /// What the proxy has sent that it must not send.
    var mistakes: [String] { self.state.withLock { $0.mistakes } }

    var connectionCount: Int { self.state.withLock { $0.connections.count } }

    var requestCount: Int { self.state.withLock { $0.requestCount } }

    func note(_ mistake: String) { self.state.withLock { $0.mistakes.append(mistake) } }

    /// Closes the connections that are open, also those that wait for another request.
    func closeConnections() {
        for channel in self.state.withLock({ $0.connections.values }) { channel.close(promise: nil) }
    }

    /// Sends something over all connections that are open.
    func send(_ text: String) {
        for channel in self.state.withLock({ $0.connections.values }) {
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
    }

    /// Runs the origin while a closure runs; that gets the port.
    func run<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        try await withOwnGroup { group in
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        self.opened(channel)
                        try channel.pipeline.syncOperations.addHandler(FuzzOriginHandler(self))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            return try await body(listener.localAddress?.port ?? 0)
        }
    }

    private func opened(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        self.state.withLock { $0.connections[id] = channel }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.connections[id] = nil } }
    }

    fileprivate func answer(_ request: Request) -> Answer {
        self.state.withLock { $0.requestCount += 1 }
        // A request that the proxy has not made itself has come through it in the body of another.
        if self.wantsSignatures, request.head.values("grip-sig").count != 1 {
            self.note("not signed once: \(request)")
        }
        return self.answer(request)
    }
}

/// One connection to a ``FuzzOrigin``.
private final class FuzzOriginHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let origin: FuzzOrigin
    private var received: [UInt8] = []
    private var frames: StrictFrameReader?
    private var echoes = false
    private var isEnding = false

    init(_ origin: FuzzOrigin) { self.origin = origin }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isEnding else { return }
        let bytes = self.unwrapInboundIn(data).readableBytesView
        do throws(StrictHTTPReader.Failure) {
            if self.frames != nil { return try self.readFrames(bytes, context) }
            self.received += bytes
            while !self.received.isEmpty, self.frames == nil { try self.readRequest(context) }
        } catch {
            guard case .malformed(let reason) = error else { return }
            self.isEnding = true
            self.origin.note("\(reason): \((self.frames == nil ? self.received : Array(bytes)).escaped)")
            context.close(promise: nil)
        }
    }

    private func readRequest(_ context: ChannelHandlerContext) throws(StrictHTTPReader.Failure) {
        var reader = StrictHTTPReader(self.received)
        let head = try reader.head()
        let (method, target) = try head.request()
        let body = try reader.body(head.requestFraming())
        let rest = Array(self.received[reader.position...])
        let answer = self.origin.answer(FuzzOrigin.Request(method: method, target: target, head: head, body: body))
        // All is ready for what comes next before anything is sent: more may be read when that fails.
        self.received = answer.ending == .keep ? rest : []
        self.isEnding = answer.ending == .close
        self.echoes = answer.ending == .echo
        if self.echoes || answer.ending == .frames { self.frames = StrictFrameReader(isMasked: true) }
        for part in answer.parts { context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: part)), promise: nil) }
        if self.frames != nil { try self.readFrames(rest, context) }
        if self.isEnding { context.close(promise: nil) }
    }

    private func readFrames(
        _ bytes: some Sequence<UInt8>,
        _ context: ChannelHandlerContext
    ) throws(StrictHTTPReader.Failure) {
        self.frames?.append(bytes)
        while let frame = try self.frames?.next() {
            guard self.echoes else { continue }
            let head = (frame.isFinal ? 0x80 : 0) | (frame.opcode == 9 ? 10 : frame.opcode)
            let bytes = FuzzFrame.bytes(head, frame.payload)
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Writes frames, right or wrong.
enum FuzzFrame {
    /// A frame.
    ///
    /// - Parameters:
    ///   - first: The first byte.
    ///   - payload: The payload, which is masked with `mask`.
    ///   - mask: Four bytes, or nothing as servers send it.
    static func bytes(_ first: UInt8, _ payload: [UInt8], mask: [UInt8]? = nil) -> [UInt8] {
        let count = payload.count
        let length: [UInt8] =
            count < 126
            ? [UInt8(count)]
            : count < 65536
                ? [126, UInt8(count >> 8), UInt8(count & 255)]
                : [127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        guard let mask else { return [first] + length + payload }
        let masked = payload.enumerated().map { $1 ^ mask[$0 % 4] }
        return [first, length[0] | 0x80] + length.dropFirst() + mask + masked
    }
}
