import GRIPProxy
import NIOCore
import NIOPosix
import Testing

@Suite("Origins to which no connection comes about", .timeLimit(.minutes(5)))
struct OriginConnectTimeoutTests {
    private static let counted = "grip_proxy_origin_failures_total{reason=\"unreachable\"} 1" as Substring

    /// Runs a listener that takes no connections, and has as many waiting as the system lets wait.
    private func withFullListener(_ body: (any Channel) async throws -> Void) async throws {
        try await withOwnGroup { group in
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 0)
                .serverChannelOption(.autoRead, value: false)
                .bind(host: "127.0.0.1", port: 0).get()
            let address = try #require(listener.localAddress)
            var isFull = false
            while !isFull {
                do {
                    _ = try await ClientBootstrap(group: group).connectTimeout(.milliseconds(300)).connect(to: address)
                        .get()
                } catch is ChannelError { isFull = true }
            }
            try await body(listener)
        }
    }

    @Test("The answer is a 502, and that of a WebSocket too", arguments: ["", ",over_http"])
    func full(option: String) async throws {
        try await self.withFullListener { listener in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(listener.localAddress?.port ?? 0)\(option)"]
                $0.timeouts.originConnect = .milliseconds(50)
            } _: { proxy in
                for (index, fields) in ["", OriginHandshake.fields].enumerated() {
                    let response = try await proxy.get("/x", fields)
                    #expect(response?.code == 502)
                    #expect(response?.body == "Error while proxying to origin.\n")
                    try await proxy.expectMetrics(
                        "grip_proxy_origin_failures_total{reason=\"unreachable\"} \(index + 1)"
                    )
                }
            }
        }
    }

    @Test("A second target is asked")
    func second() async throws {
        try await self.withFullListener { listener in
            try await TestOrigin.with([], "second") { second in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(listener.localAddress?.port ?? 0) 127.0.0.1:\(second)"]
                    $0.timeouts.originConnect = .milliseconds(50)
                } _: { proxy in
                    #expect(try await proxy.get()?.body == "second")
                    try await proxy.expectMetrics(Self.counted, "grip_proxy_origin_requests_total 2")
                }
            }
        }
    }

    @Test("An origin that takes connections late, but in time, is waited for")
    func late() async throws {
        try await self.withFullListener { listener in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(listener.localAddress?.port ?? 0)"]
                $0.timeouts.originConnect = .seconds(300)
                $0.timeouts.originResponse = .milliseconds(50)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await proxy.waitForMetric("grip_proxy_origin_requests_total 1")
                    try await listener.setOption(.autoRead, value: true).get()
                    // It takes the connection and is silent on it, so that another limit ends the request.
                    #expect(try await client.response()?.code == 504)
                    try await proxy.expectMetrics(
                        "grip_proxy_origin_failures_total{reason=\"unreachable\"} 0",
                        OriginResponseTimeoutTests.failed
                    )
                }
            }
        }
    }

    @Test("An origin that is silent where TLS begins is not reached either")
    func silentTLS() async throws {
        try await ScriptedOrigin.with {
            _ = try await $0.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),ssl,insecure"]
                $0.timeouts.originConnect = .milliseconds(50)
            } _: { proxy in
                for (index, fields) in ["", OriginHandshake.fields].enumerated() {
                    #expect(try await proxy.get("/x", fields)?.code == 502)
                    try await proxy.expectMetrics(
                        "grip_proxy_origin_failures_total{reason=\"unreachable\"} \(index + 1)"
                    )
                }
            }
        }
    }
}
