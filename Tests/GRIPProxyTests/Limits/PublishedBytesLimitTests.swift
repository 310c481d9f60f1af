import GRIP
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

/// Publishers that are faster than items are handed out.
@Suite("Limit: publishedBytes", .timeLimit(.minutes(5)))
struct PublishedBytesLimitTests {
    /// A publication that counts as more than so many bytes, but not twice as many.
    private static func publication(_ byteCount: Int) -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream("\(String(repeating: "x", count: byteCount))")), to: GRIPChannel("a"))
    }

    /// Publishes, and returns when there is room for the answer, or nothing when that is at once.
    private static func publish(_ byteCount: Int, _ core: ProxyCore, _ loop: EmbeddedEventLoop) throws
        -> EventLoopFuture<Void>?
    {
        core.ingress.publish([Self.publication(byteCount)], on: loop).room
    }

    @Test("Up to the limit a publisher is answered at once, beyond it when items have been handed out")
    func delay() throws {
        let loop = EmbeddedEventLoop()
        let core = try ProxyCore(routes: "* test", loop: loop) { $0.limits.publishedBytes = 10_000 }
        // What nobody gets takes no room.
        #expect(try Self.publish(50_000, core, loop) == nil)
        let client = try EmbeddedClient(core, loop: loop)
        try client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.received().contains("[stream opened]"))
        #expect(try Self.publish(5000, core, loop) == nil)
        let first = try #require(try Self.publish(5000, core, loop))
        let second = try #require(try Self.publish(5000, core, loop))
        var answered: [Int] = []
        first.assumeIsolated().whenSuccess { answered.append(1) }
        second.assumeIsolated().whenSuccess { answered.append(2) }
        #expect(answered == [])
        loop.run()
        #expect(answered == [1, 2])
        #expect(core.hub.backlog.byteCount == 0)
        #expect(core.hub.backlog.delayCount == 2)
        #expect(try Self.publish(5000, core, loop) == nil)
        loop.run()
    }

    @Test("A program that publishes in the process of the proxy waits as well, and loses nothing")
    func inProcess() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.publishedBytes = 10_000
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.text(upTo: "[stream opened]\n") != nil)
                let backlog = proxy.server.core.hub.backlog
                // As many tasks as like: each comes back only when there is room.
                try await withThrowingDiscardingTaskGroup { tasks in
                    for _ in 0..<20 {
                        tasks.addTask {
                            for _ in 0..<10 {
                                try await proxy.server.publish([Self.publication(9000)])
                                // Each thread may have looked before another one's item was there.
                                #expect(backlog.byteCount <= 10_000 + (System.coreCount + 1) * 18_000)
                            }
                        }
                    }
                }
                #expect(backlog.delayCount > 0)
                #expect(try await proxy.metric("grip_proxy_publishers_delayed_total") == backlog.delayCount)
                for _ in 0..<200 { #expect(try await client.text(upTo: String(repeating: "x", count: 9000)) != nil) }
            }
        }
    }

    @Test("What would exceed the limit is not taken by somebody who does not wait")
    func enqueue() throws {
        let loop = EmbeddedEventLoop()
        let core = try ProxyCore(routes: "* test", loop: loop) { $0.limits.publishedBytes = 10_000 }
        let client = try EmbeddedClient(core, loop: loop)
        try client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.received().contains("[stream opened]"))
        #expect(core.ingress.enqueue([Self.publication(8000)]))
        #expect(!core.ingress.enqueue([Self.publication(8000)]))
        loop.run()
        #expect(core.ingress.enqueue([Self.publication(8000)]))
        loop.run()
        #expect(try client.received().count > 16_000)
    }

    @Test("Whoever waits goes on when the proxy has ended")
    func end() throws {
        let loop = EmbeddedEventLoop()
        let core = try ProxyCore(routes: "* test", loop: loop) { $0.limits.publishedBytes = 10_000 }
        let client = try EmbeddedClient(core, loop: loop)
        try client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.received().contains("[stream opened]"))
        let room = try #require(core.ingress.publish([Self.publication(20_000)], on: loop).room)
        var isOver = false
        room.assumeIsolated().whenComplete { _ in isOver = true }
        #expect(!isOver)
        core.hub.shutDown()
        #expect(isOver)
        let next = core.ingress.publish([Self.publication(20_000)], on: loop).room
        #expect(next == nil)
        loop.run()
    }

    @Test("Publishers that always wait lose nothing")
    func order() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.publishedBytes = 1
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.text(upTo: "[stream opened]\n") != nil)
                let body = #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"item"}}}]}"#
                let request = "POST /publish HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                try await proxy.publisher { publisher in
                    try await publisher.send(String(repeating: request, count: 50))
                    for _ in 0..<50 { #expect(try await publisher.response()?.code == 200) }
                }
                for _ in 0..<50 { #expect(try await client.text(upTo: "item") != nil) }
                #expect(try await proxy.metric("grip_proxy_published_bytes") == 0)
            }
        }
    }
}
