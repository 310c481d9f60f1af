import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An origin that ends connections on which nothing has come for a time, as all do, and counts.
///
/// It sends events of WebSockets back, and answers everything else with the number of the request.
final class ClosingOrigin: Sendable {
    /// When a connection is ended.
    enum End: Sendable {
        /// So long after a response without another request.
        case idle(TimeAmount)
        /// Right behind each response, without a word about it.
        case afterEach
    }

    private let end: End
    private let requests = Atomic(0)
    private let connections = Atomic(0)
    private let open = Atomic(0)
    private let mostOpen = Atomic(0)
    /// How long it takes to answer.
    private let delay: TimeAmount
    private let fields: [(String, String)]

    init(_ end: End, delay: TimeAmount = .zero, _ fields: [(String, String)] = []) {
        self.end = end
        self.delay = delay
        self.fields = fields
    }

    /// How many requests it has read.
    var requestCount: Int { self.requests.load(ordering: .relaxed) }
    /// How many connections were made to it.
    var connectionCount: Int { self.connections.load(ordering: .relaxed) }
    /// How many there were at most at a time.
    var mostConnections: Int { self.mostOpen.load(ordering: .relaxed) }

    /// Runs it while a closure runs, which gets the port.
    func run<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        try await withOwnGroup { group in
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .childChannelInitializer { channel in
                    self.connections.add(1, ordering: .relaxed)
                    let now = self.open.add(1, ordering: .relaxed).newValue
                    self.mostOpen.max(now, ordering: .relaxed)
                    channel.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(Handler(self))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            return try await body(listener.localAddress?.port ?? 0)
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let origin: ClosingOrigin
        private var isOfEvents = false
        private var body = ByteBuffer()
        private var closing: Scheduled<Void>?

        init(_ origin: ClosingOrigin) { self.origin = origin }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.closing?.cancel()
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.isOfEvents = head.headers.contains(name: "Connection-Id")
            case .body(var bytes): self.body.writeBuffer(&bytes)
            case .end:
                guard self.origin.delay > .zero else { return self.answer(context) }
                _ = context.eventLoop.assumeIsolated().scheduleTask(in: self.origin.delay) { self.answer(context) }
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let number = self.origin.requests.add(1, ordering: .relaxed).newValue
            let content = self.isOfEvents ? self.body : ByteBuffer(string: "\(number)")
            self.body = ByteBuffer()
            var headers = HTTPHeaders(self.origin.fields)
            headers.add(name: "Content-Length", value: String(content.readableBytes))
            if self.isOfEvents { headers.add(name: "Content-Type", value: "application/websocket-events") }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(content))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            switch self.origin.end {
            case .idle(let time):
                self.closing = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
            case .afterEach: context.close(promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { self.closing?.cancel() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
