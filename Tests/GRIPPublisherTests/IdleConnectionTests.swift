import GRIP
import GRIPPublisher
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@Suite("Control APIs that close idle connections", .timeLimit(.minutes(5)))
struct IdleConnectionTests {
    /// Answers each request, and closes the connection when no other one comes in time.
    private final class ClosingHandler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let time: Int
        private var closing: Scheduled<Void>?

        init(_ time: Int) { self.time = time }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.closing?.cancel()
            guard case .end = self.unwrapInboundIn(data) else { return }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "0"])
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            self.closing = context.eventLoop.assumeIsolated().scheduleTask(
                in: .milliseconds(Int64(self.time))
            ) {
                context.close(promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { self.closing?.cancel() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    @Test("Of a thousand publishes at the time at which the connection is closed none fails", arguments: [200])
    func race(time milliseconds: Int) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(ClosingHandler(milliseconds))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let failures = try await withThrowingTaskGroup(of: Int.self) { publishers in
            for index in 0..<25 {
                // Each uses a connection of its own: the client has one for each request that is under way.
                let fixture = try Fixture(.to("http://127.0.0.1:\(port)/") { $0.retry = .never })
                publishers.addTask {
                    var failures = 0
                    var time = ContinuousClock.now
                    for _ in 0..<40 {
                        // The time is what is tested: each comes when the connection of the last is closed.
                        time += .milliseconds(milliseconds) + .microseconds(index * 80 - 1000)
                        try await Task.sleep(until: time)
                        do { try await fixture.publisher.publish([.to("c")]) } catch { failures += 1 }
                    }
                    return failures
                }
            }
            return try await publishers.reduce(0, +)
        }
        try await server.close()
        #expect(failures == 0)
    }
}
