import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A WebSocket server without GRIP that sends back what it gets: `bench-native-echo CLIENTS CONTROL [--async]`.
///
/// The echo is a handler on the event loop; or, as the handlers of Swift's web frameworks, a task for each connection
/// that reads a sequence of frames.
@main
struct NativeEchoContender {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 || arguments.count == 4 && arguments[3] == "--async" else {
            print("usage: bench-native-echo CLIENT-ADDRESS CONTROL-ADDRESS [--async]")
            return
        }
        let clients = try await Self.listen(arguments[1], isAsync: arguments.count == 4)
        // Nothing is published; this only shows that the program runs.
        let control = try await Self.listen(arguments[2], isAsync: false)
        try await clients.closeFuture.get()
        try await control.closeFuture.get()
    }

    private static func listen(_ address: String, isAsync: Bool) async throws -> any Channel {
        let parts = address.split(separator: ":")
        let port = parts.last.flatMap { Int($0) } ?? 0
        return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let hello = HelloHandler()
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture {
                                if isAsync {
                                    let wrapped = try AsyncEcho(wrappingChannelSynchronously: channel)
                                    Task { try await echo(wrapped) }
                                } else {
                                    try channel.pipeline.syncOperations.addHandler(EchoHandler())
                                }
                            }
                        }
                    )
                    let bound = NIOLoopBound(hello, eventLoop: channel.eventLoop)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: { context in
                                context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                            }
                        )
                    )
                    try channel.pipeline.syncOperations.addHandler(hello)
                }
            }
            .bind(host: parts.first.map(String.init) ?? "127.0.0.1", port: port)
            .get()
    }
}

/// Answers plain requests.
private final class HelloHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = self.unwrapInboundIn(data) else { return }
        let body = ByteBuffer(string: "hello\n")
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "6"])
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }
}

private typealias AsyncEcho = NIOAsyncChannel<NIOWebSocket.WebSocketFrame, NIOWebSocket.WebSocketFrame>

/// Sends back each message, from a task.
private func echo(_ channel: AsyncEcho) async throws {
    try await channel.executeThenClose { inbound, outbound in
        for try await frame in inbound {
            switch frame.opcode {
            case .text, .binary, .continuation:
                try await outbound.write(.init(fin: frame.fin, opcode: frame.opcode, data: frame.unmaskedData))
            case .ping: try await outbound.write(.init(fin: true, opcode: .pong, data: frame.unmaskedData))
            case .connectionClose: return
            default: break
            }
        }
    }
}

/// Sends back each message, on the event loop.
private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundOut = NIOWebSocket.WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary, .continuation:
            self.send(frame.opcode, isFinal: frame.fin, frame.unmaskedData, context)
        case .ping: self.send(.pong, isFinal: true, frame.unmaskedData, context)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    private func send(_ opcode: WebSocketOpcode, isFinal: Bool, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        let frame = NIOWebSocket.WebSocketFrame(fin: isFinal, opcode: opcode, data: data)
        context.write(self.wrapOutboundOut(frame), promise: nil)
    }
}
