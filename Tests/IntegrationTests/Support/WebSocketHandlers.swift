import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The client's side of a WebSocket handshake.
enum WebSocketHandshake {
    /// Sets up a new connection; gives the head of the response that switches to WebSocket.
    static func begin(
        _ request: HTTPRequestHead,
        on channel: any Channel,
        _ incoming: Mailbox<WebSocketMessage>
    ) throws -> EventLoopFuture<HTTPResponseHead> {
        let upgrader = NIOTypedWebSocketClientUpgrader<HTTPResponseHead?>(maxFrameSize: 1 << 24) { channel, response in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(WebSocketReceiver(incoming))
                return response
            }
        }
        let rejection = channel.eventLoop.makePromise(of: HTTPResponseHead.self)
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<HTTPResponseHead?>(
            upgradeRequestHead: request,
            upgraders: [upgrader]
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RejectionReader(rejection))
                return nil
            }
        }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // Frames may come in the same packet as the response.
        configuration.leftOverBytesStrategy = .forwardBytes
        let upgraded = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: configuration
        )
        upgraded.whenFailure { rejection.fail($0) }
        upgraded.whenSuccess { response in
            if let response { rejection.succeed(response) }
        }
        return rejection.futureResult
    }
}

/// Reads the response of a server that does not switch to WebSocket.
private final class RejectionReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let outcome: EventLoopPromise<HTTPResponseHead>
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    init(_ outcome: EventLoopPromise<HTTPResponseHead>) {
        self.outcome = outcome
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part): body.writeImmutableBuffer(part)
        case .end: finish()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.fail(error)
    }

    private func finish() {
        guard let head else { return outcome.fail(ChannelError.eof) }
        outcome.fail(WebSocketRejected(status: head.status, headers: head.headers, body: String(buffer: body)))
    }
}

/// Turns frames into messages.
private final class WebSocketReceiver: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let incoming: Mailbox<WebSocketMessage>
    private var fragments: (opcode: WebSocketOpcode, data: ByteBuffer)?

    init(_ incoming: Mailbox<WebSocketMessage>) {
        self.incoming = incoming
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var data = frame.unmaskedData
        switch frame.opcode {
        case .text, .binary:
            receive(frame.opcode, data, isLast: frame.fin)
        case .continuation:
            guard let fragments else { return protocolError(context) }
            var whole = fragments.data
            whole.writeImmutableBuffer(data)
            receive(fragments.opcode, whole, isLast: frame.fin)
        case .ping:
            incoming.put(.ping(data))
        case .pong:
            incoming.put(.pong(data))
        case .connectionClose:
            let answer = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data)
            let code = data.readInteger(as: UInt16.self)
            incoming.put(.close(code: code, reason: code == nil ? nil : String(buffer: data)))
            // If this is the answer to our own close frame, the other side ignores what we send.
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        default:
            protocolError(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        incoming.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        incoming.finish(throwing: error)
        context.close(promise: nil)
    }

    private func receive(_ opcode: WebSocketOpcode, _ data: ByteBuffer, isLast: Bool) {
        fragments = isLast ? nil : (opcode, data)
        guard isLast else { return }
        incoming.put(opcode == .text ? .text(String(buffer: data)) : .binary(data))
    }

    private func protocolError(_ context: ChannelHandlerContext) {
        incoming.finish(throwing: NIOWebSocketError.fragmentedControlFrame)
        context.close(promise: nil)
    }
}
