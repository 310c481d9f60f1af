import GRIP
import GRIPEngine
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Clients whose system acknowledges nothing any more, which this system tells with an error.
@Suite("Limit: deadClient") struct DeadClientTests {
    enum Request: String, CaseIterable {
        case stream = "GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n"
        case webSocket = """
            GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
    }

    @Test(
        "Only a connection that the system gives up is counted as dead, and any error closes it",
        arguments: Request.allCases,
        [(ETIMEDOUT, 1), (ECONNRESET, 0)] as [(CInt, Int)]
    )
    func dead(_ request: Request, _ expected: (error: CInt, count: Int)) throws {
        let client = try EmbeddedClient(routes: "* test")
        let channel = client.channel
        let loop = try #require(client.loops.first)
        try client.send(request.rawValue)
        channel.embeddedEventLoop.run()
        #expect(loop.counters.holdsBegun.total == 1)
        #expect(channel.isActive)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: expected.error, reason: "read"))
        channel.embeddedEventLoop.run()
        #expect(loop.counters.clientsTimedOut[.dead, default: 0] == expected.count)
        #expect(loop.counters.holdsEnded.total == 1)
        #expect(!channel.isActive)
        #expect(loop.openCount == 0)
        loop.finishShutdown()
    }
}
