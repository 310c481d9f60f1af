import GRIP
import GRIPEngine
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

/// Clients that are gone before they are told that they have a WebSocket.
@Suite("Lost WebSockets") struct LostWebSocketTests {
    /// Shows that the connection is gone as soon as something is written to it, as sockets do.
    private final class GoneClient: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        func flush(context: ChannelHandlerContext) { context.close(promise: nil) }
    }

    @Test("A client whose reset shows when its handshake is answered leaves nothing behind")
    func lostWithAnswer() throws {
        let channel = EmbeddedChannel()
        let core = try ProxyCore(routes: "* test", loop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(GoneClient())
        try core.adopt(channel, isOverTLS: false)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        let loop = try #require(core.loops.first).value
        #expect(loop.openCount == 1)
        let handshake = """
            GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        try channel.writeInbound(ByteBuffer(string: handshake))
        channel.embeddedEventLoop.run()
        #expect(loop.counters.holdsBegun.webSockets == 1)
        #expect(loop.counters.holdsEnded.webSockets == 1)
        #expect(!channel.isActive)
        #expect(loop.openCount == 0)
        #expect(loop.registry.count == 0)
        #expect(loop.kept.isEmpty)
        loop.finishShutdown()
    }
}
