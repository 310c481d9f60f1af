import GRIPProxy
import Testing

@Suite("Connections to origins on which nothing comes", .timeLimit(.minutes(5)))
struct OriginIdleTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Runs an origin that tells of the beginning and the end of each connection.
    private func withOrigin(
        idle: Duration,
        _ body: (ProxyScope, inout AsyncStream<String>.Iterator) async throws -> Void
    ) async throws {
        let (events, source) = AsyncStream.makeStream(of: String.self)
        try await ScriptedOrigin.with { connection in
            source.yield("opened")
            try await connection.answer(Self.answer)
            source.yield("closed")
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originIdle = idle
            } _: { proxy in
                var iterator = events.makeAsyncIterator()
                try await body(proxy, &iterator)
            }
        }
        source.finish()
    }

    @Test("They are closed after a time, and the next request gets a new one")
    func closed() async throws {
        try await self.withOrigin(idle: .milliseconds(50)) { proxy, events in
            try await proxy.client { client in
                for _ in 0..<2 {
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.response()?.body == "ok")
                    #expect(await events.next(isolation: #isolation) == "opened")
                    #expect(await events.next(isolation: #isolation) == "closed")
                }
            }
            try await proxy.expectMetrics(
                "grip_proxy_origin_requests_total 2",
                "grip_proxy_origin_failures_total{reason=\"closed\"} 0"
            )
        }
    }

    @Test("Until then they serve the next request")
    func kept() async throws {
        try await self.withOrigin(idle: .seconds(300)) { proxy, events in
            try await proxy.client { client in
                for _ in 0..<3 {
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.response()?.body == "ok")
                }
            }
            #expect(await events.next(isolation: #isolation) == "opened")
            try await proxy.expectMetrics("grip_proxy_origin_requests_total 3")
            // What comes next is the end of the only connection, when the proxy ends.
        }
    }
}
