import NIOCore
import NIOHTTP1
import NIOPosix

/// A control API on loopback that accepts everything and does nothing with it.
public final class ControlSink: Sendable {
    private let channel: any Channel

    /// The URI of the control API.
    public var uri: String { "http://127.0.0.1:\(self.channel.localAddress?.port ?? 0)" }

    /// Listens on a free port.
    public init() async throws {
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Acceptance())
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    /// Stops listening.
    public func close() async throws { try await self.channel.close() }
}

private final class Acceptance: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let body = ByteBuffer(string: "Published\n")
    private static let fields: HTTPHeaders = ["Content-Type": "text/plain", "Content-Length": "10"]

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = self.unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: Self.fields)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(Self.body))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
