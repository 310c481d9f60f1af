import GRIPProxy
import NIOCore
import Testing

@Suite("Limit: rememberedBody", .timeLimit(.minutes(5)))
struct RememberedBodyLimitTests {
    private static let tooLarge = "grip_proxy_requests_too_large_to_hold_total"

    private static func post(_ count: Int) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n\(String(repeating: "x", count: count))"
    }

    /// Runs a proxy that remembers 1000 bytes, before an origin with these headers.
    private static func run(_ fields: [(String, String)], _ body: (ProxyScope) async throws -> Void) async throws {
        try await TestOrigin.with(fields, "[open]\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.rememberedBody = 1000
            } _: {
                try await body($0)
            }
        }
    }

    @Test("A request with a body that can be remembered is held")
    func held() async throws {
        try await Self.run([("Grip-Hold", "stream"), ("Grip-Channel", "a")]) { proxy in
            try await proxy.client { client in
                try await client.send(Self.post(1000))
                #expect(try await client.text(upTo: "[open]\n") != nil)
                #expect(try await proxy.metric("grip_proxy_holds{kind=\"stream\"}") == 1)
                #expect(try await proxy.metric(Self.tooLarge) == 0)
            }
        }
    }

    @Test("A request with a larger body is answered with 400 where it would be held")
    func tooLarge() async throws {
        try await Self.run([("Grip-Hold", "stream"), ("Grip-Channel", "a")]) { proxy in
            try await proxy.client { client in
                try await client.send(Self.post(1001))
                let response = try await client.response()
                #expect(response?.code == 400)
                #expect(response?.body == "Request too large to accept GRIP instruct.\n")
                #expect(try await proxy.metric(Self.tooLarge) == 1)
                #expect(try await proxy.metric("grip_proxy_holds_begun_total{kind=\"stream\"}") == 0)
            }
        }
    }

    @Test("A body of any size passes where nothing is held")
    func passes() async throws {
        try await Self.run([]) { proxy in
            try await proxy.client { client in
                try await client.send(Self.post(3_000_000))
                #expect(try await client.response()?.code == 200)
                #expect(try await proxy.metric(Self.tooLarge) == 0)
            }
        }
    }
}
