import GRIPProxy
import NIOCore
import Testing

@Suite("Publishers over a limit are counted", .timeLimit(.minutes(5)))
struct ControlRefusalTests {
    private static func counted(_ reason: String, _ count: Int) -> Substring {
        "grip_proxy_control_refused_total{reason=\"\(reason)\"} \(count)"
    }

    /// Sends a request on a connection of its own and gets everything up to its end.
    private func answer(_ request: String, _ proxy: ProxyScope) async throws -> String {
        try await proxy.publisher { connection in
            try await connection.send(request)
            return try await connection.rest()
        }
    }

    @Test("Heads")
    func head() async throws {
        try await withProxy {
            $0.limits.controlHead = 1000
        } _: { proxy in
            func request(_ count: Int) -> String {
                "GET / HTTP/1.1\r\nConnection: close\r\nX: \(String(repeating: "x", count: count))\r\n\r\n"
            }
            #expect(try await self.answer(request(900), proxy).hasPrefix("HTTP/1.1 200 OK\r\n"))
            try await proxy.expectMetrics(Self.counted("head", 0))
            let refusal = try await self.answer(request(1001), proxy)
            #expect(refusal.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(refusal.hasSuffix("\r\n\r\nRequest header too large.\n"))
            try await proxy.expectMetrics(
                Self.counted("head", 1),
                "grip_proxy_control_responses_total{code=\"400\"} 1"
            )
        }
    }

    @Test("Bodies")
    func body() async throws {
        try await withProxy {
            $0.limits.controlBody = 1000
        } _: { proxy in
            func request(_ count: Int) -> String {
                let body = #"{"items":[]}"# + String(repeating: " ", count: count - 12)
                return "POST /publish HTTP/1.1\r\nConnection: close\r\nContent-Length: \(count)\r\n\r\n\(body)"
            }
            #expect(try await self.answer(request(1000), proxy).hasSuffix("\r\n\r\nPublished\n"))
            try await proxy.expectMetrics(Self.counted("body", 0))
            let refusal = try await self.answer(request(1001), proxy)
            #expect(refusal.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(refusal.hasSuffix("\r\n\r\nRequest body too large.\n"))
            try await proxy.expectMetrics(
                Self.counted("body", 1),
                "grip_proxy_control_responses_total{code=\"400\"} 1"
            )
        }
    }

    @Test("Connections")
    func connections() async throws {
        try await withProxy {
            $0.limits.controlConnections = 2
        } _: { proxy in
            try await proxy.publisher { first in
                try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await first.response()?.code == 200)
                try await proxy.publisher { second in
                    try await second.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await second.response()?.body.contains("\n\(Self.counted("connections", 0))\n") == true)
                    let silence = try await proxy.publisher { try await $0.rest() }
                    #expect(silence == "")
                    try await second.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                    let text = try #require(try await second.response()?.body)
                    #expect(text.contains("\n\(Self.counted("connections", 1))\n"))
                    #expect(text.contains("\ngrip_proxy_control_connections 2\n"))
                }
            }
        }
    }

    @Test("A body that stalls is counted, one that goes on is not")
    func stallingBody() async throws {
        try await withProxy {
            $0.timeouts.requestBody = .milliseconds(50)
        } _: { proxy in
            try await proxy.publisher { connection in
                try await connection.send("POST /publish HTTP/1.1\r\nContent-Length: 12\r\n\r\n{\"items\":[]}")
                #expect(try await connection.response()?.code == 200)
            }
            try await proxy.expectMetrics(Self.counted("timeout", 0))
            #expect(try await self.answer("POST /publish HTTP/1.1\r\nContent-Length: 12\r\n\r\n{", proxy) == "")
            try await proxy.expectMetrics(Self.counted("timeout", 1))
        }
    }
}
