import NIOCore
import NIOHTTP1
import NIOPosix

/// An origin whose answers are the same to all requests.
enum TestOrigin {
    /// Runs an origin while a closure runs.
    ///
    /// - Parameters:
    ///   - fields: The headers of its responses.
    ///   - text: The body.
    ///   - name: A field of the request whose value is added to the body, if there is one.
    ///   - body: What is done meanwhile; it gets the port.
    static func with<Result>(
        _ fields: [(String, String)],
        _ text: String,
        adding name: String? = nil,
        _ body: (Int) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try operations.configureHTTPServerPipeline()
                    try operations.addHandler(Handler(HTTPHeaders(fields), text, adding: name))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(channel.localAddress?.port ?? 0)
            try await group.shutdownGracefully()
            return result
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let headers: HTTPHeaders
        private let text: String
        private let name: String?
        private var added = ""

        init(_ headers: HTTPHeaders, _ text: String, adding name: String?) {
            self.headers = headers
            self.text = text
            self.name = name
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.added = self.name.flatMap { head.headers.first(name: $0) } ?? ""
            case .body: break
            case .end: self.respond(context)
            }
        }

        private func respond(_ context: ChannelHandlerContext) {
            let text = self.text + self.added
            var headers = self.headers
            headers.add(name: "Content-Length", value: String(text.utf8.count))
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
