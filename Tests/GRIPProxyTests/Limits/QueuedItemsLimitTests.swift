import GRIPProxy
import NIOCore
import Testing

@Suite("Limit: queuedItems", .timeLimit(.minutes(5)))
struct QueuedItemsLimitTests {
    private static let overflowed = "grip_proxy_deliveries_overflowed_total"

    /// Runs a stream that is subscribed while its next page is on the way, and stays so until a closure has run.
    private static func run(
        _ overflow: GRIPProxyServerConfiguration.Limits.Overflow,
        _ body: (ProxyScope, inout TestConnection, _ release: () -> Void) async throws -> Void
    ) async throws {
        let (asked, asks) = AsyncStream.makeStream(of: Void.self)
        let (released, releases) = AsyncStream.makeStream(of: Void.self)
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                if head.hasPrefix("GET /first ") {
                    try await connection.respond(
                        "200 OK",
                        ["Grip-Hold: stream", "Grip-Channel: a", "Grip-Link: </next>; rel=next; timeout=1000"],
                        "first\n"
                    )
                } else {
                    asks.yield()
                    var gate = released.makeAsyncIterator()
                    _ = await gate.next()
                    try await connection.respond("200 OK", ["Grip-Hold: stream", "Grip-Channel: a"], "next\n")
                }
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.queuedItems = 2
                $0.limits.overflow = overflow
                $0.delivery.updatesOnFirstSubscription = false
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "first\n") != nil)
                    try await proxy.publish(#""http-stream":{"action":"hint"}"#)
                    var iterator = asked.makeAsyncIterator()
                    _ = await iterator.next()
                    try await body(proxy, &client) { releases.yield() }
                }
            }
        }
    }

    @Test("As many items as may be wait for the page, and come after it")
    func largest() async throws {
        try await Self.run(.close) { proxy, client, release in
            for text in ["one\\n", "two\\n"] { try await proxy.publish(text: text) }
            #expect(try await proxy.metric(Self.overflowed) == 0)
            release()
            #expect(try await client.text(upTo: "two\n")?.hasPrefix("\r\n5\r\nnext\n\r\n4\r\none\n") == true)
        }
    }

    @Test("With 'close' one more ends the connection")
    func close() async throws {
        try await Self.run(.close) { proxy, client, release in
            for text in ["one\\n", "two\\n", "three\\n"] { try await proxy.publish(text: text) }
            #expect(try await client.rest() == "\r\n")
            #expect(try await proxy.metric(Self.overflowed) == 1)
            #expect(try await proxy.metric("grip_proxy_deliveries_overflowed_bytes_total") == 6)
            release()
        }
    }

    @Test("With 'drop' one more is left out")
    func drop() async throws {
        try await Self.run(.drop) { proxy, client, release in
            for text in ["one\\n", "two\\n", "three\\n"] { try await proxy.publish(text: text) }
            #expect(try await proxy.metric(Self.overflowed) == 1)
            release()
            #expect(try await client.text(upTo: "two\n") != nil)
            try await proxy.publish(text: "four\\n")
            #expect(try await client.text(upTo: "four\n") == "\r\n5\r\nfour\n")
        }
    }
}
