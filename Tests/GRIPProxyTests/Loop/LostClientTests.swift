import GRIP
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

@Suite("Clients that go while something waits to be sent to them")
struct LostClientTests {
    @Test("What was written to a stream that has ended meanwhile goes nowhere")
    func stream() throws {
        let loop = EmbeddedEventLoop()
        let core = try ProxyCore(routes: "* test", loop: loop)
        // More than are flushed before the loop turns to its sockets again.
        let count = FlushQueue.sliceSize * (FlushQueue.slicesBetweenEvents + 1)
        var clients = try (0..<count).map { _ in try EmbeddedClient(core, loop: loop) }
        for client in clients {
            try client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.received().hasSuffix("[stream opened]\n\r\n"))
        }
        core.publish([GRIPPublication(GRIPItem(.httpStream("item")), to: GRIPChannel("a"))])
        let reached = try clients.filter { try $0.received().contains("item") }.count
        #expect(0 < reached && reached < count)
        for client in clients { client.channel.close(promise: nil) }
        clients = []
        loop.run()
        loop.advanceTime(by: .seconds(1))
        #expect(core.loops.map(\.value.clients.count) == [0])
    }
}
