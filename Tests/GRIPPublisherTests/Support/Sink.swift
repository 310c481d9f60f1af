import GRIP
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A control API on loopback that records what it is sent and answers as it is told.
final class Sink: Sendable {
    enum Reply: Sendable {
        case status(Int, body: String = "", headers: [(String, String)] = [])
        /// A status whose body is announced and never sent.
        case stuck(Int)
        case close
    }

    /// Decides on an answer; nothing means that the test answers later.
    typealias Script = @Sendable (SinkRequest) -> Reply?

    private struct State {
        var requests: [SinkRequest] = []
        var channels: [any Channel] = []
    }

    private let state = Mutex(State())
    private let script: Script
    private let arrival: AsyncStream<SinkRequest>.Continuation
    /// The requests as they come.
    let arrivals: AsyncStream<SinkRequest>

    private init(_ script: @escaping Script) {
        self.script = script
        (self.arrivals, self.arrival) = AsyncStream.makeStream()
    }

    /// Runs a sink for as long as a closure takes.
    static func with<Result>(
        port: Int = 0,
        _ script: @escaping Script = { _ in .status(200, body: "Published\n") },
        _ body: (Sink) async throws -> Result
    ) async throws -> Result {
        let sink = Sink(script)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    sink.state.withLock { $0.channels.append(channel) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(SinkHandler(sink: sink))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        sink.port = server.localAddress?.port ?? 0
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(sink)) } catch { result = .failure(error) }
        try await server.close()
        for channel in sink.state.withLock({ $0.channels }) { channel.close(promise: nil) }
        return try result.get()
    }

    /// A port that nobody listens at; those that the system gives are used by others in turn.
    static let unusedPort = 1

    /// A port to listen at later, which the system gives to nobody else meanwhile.
    static var freePort: Int { .random(in: 10_000..<20_000) }

    private let portBox = Mutex(0)
    private(set) var port: Int {
        get { self.portBox.withLock { $0 } }
        set { self.portBox.withLock { $0 = newValue } }
    }

    /// The control URI.
    var uri: String { "http://127.0.0.1:\(self.port)" }

    /// All requests so far.
    var requests: [SinkRequest] { self.state.withLock { $0.requests } }

    /// The channels that were published to, in order.
    var channelNames: [String] { self.requests.flatMap(\.channelNames) }

    fileprivate func received(_ request: SinkRequest) {
        self.state.withLock { $0.requests.append(request) }
        if let reply = self.script(request) { request.reply(reply) }
        self.arrival.yield(request)
    }
}

/// A request that a sink received.
struct SinkRequest: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    fileprivate let channel: any Channel

    var publications: [GRIPPublication] {
        // What cannot be read fails the expectations on it.
        (try? GRIPPublication.parse(json: self.body)) ?? []
    }

    var channelNames: [String] { self.publications.map(\.channel.name) }

    func reply(_ reply: Sink.Reply) {
        let channel = self.channel
        switch reply {
        case .close:
            channel.close(promise: nil)
        case .stuck(let status):
            let head = HTTPResponseHead(
                version: .http1_1,
                status: .init(statusCode: status),
                headers: ["content-length": "10"]
            )
            channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
        case .status(let status, let body, let headers):
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
            head.headers.add(contentsOf: headers)
            head.headers.add(name: "content-length", value: "\(body.utf8.count)")
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }
}

private final class SinkHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let sink: Sink
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(sink: Sink) { self.sink = sink }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            self.body.clear()
        case .body(var bytes):
            self.body.writeBuffer(&bytes)
        case .end:
            guard let head = self.head.take() else { return }
            self.sink.received(SinkRequest(head: head, body: self.body, channel: context.channel))
        }
    }
}
