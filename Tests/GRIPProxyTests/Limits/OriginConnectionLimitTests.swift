import GRIPProxy
import NIOCore
import Testing

@Suite("Limits: originConnections, originQueue and their time", .timeLimit(.minutes(5)))
struct OriginConnectionLimitTests {
    private static let busy = "grip_proxy_origin_failures_total{reason=\"busy\"}"

    /// Asks for a path many times at once, and gives the statuses of the answers.
    private static func ask(_ count: Int, _ proxy: ProxyScope) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { clients in
            for _ in 0..<count { clients.addTask { try await proxy.get()?.code ?? 0 } }
            return try await clients.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("However many ask at once, the origin has no more connections than it may, and everybody gets an answer")
    func limit() async throws {
        let origin = ClosingOrigin(.idle(.seconds(60)), delay: .milliseconds(5))
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.originConnections = 4
            } _: { proxy async throws in
                let statuses = try await Self.ask(100, proxy)
                #expect(statuses.allSatisfy { $0 == 200 })
                #expect(try await proxy.metric("grip_proxy_origin_requests_delayed_total") > 0)
                #expect(try await proxy.metric("grip_proxy_origin_connections") <= 4)
                #expect(try await proxy.metric("grip_proxy_origin_requests_waiting") == 0)
            }
        }
        #expect(origin.requestCount == 100)
        #expect(origin.mostConnections <= 4)
    }

    @Test("Who finds too many waiting is answered with 503, and so is who waits too long")
    func refused() async throws {
        let origin = ClosingOrigin(.idle(.seconds(60)), delay: .hours(1))
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.originConnections = 2
                $0.limits.originQueue = 2
                $0.timeouts.originQueue = .milliseconds(100)
            } _: { proxy async throws in
                try await withThrowingTaskGroup(of: Int.self) { clients in
                    // The group has two loops, and each has its part of both limits.
                    for _ in 0..<6 { clients.addTask { try await proxy.get()?.code ?? 0 } }
                    for _ in 0..<4 {
                        let status = try await clients.next()
                        #expect(status == 503)
                    }
                    clients.cancelAll()
                }
                #expect(try await proxy.metric(Self.busy) >= 4)
            }
        }
    }

    @Test("Thousands of WebSockets that leave together take few connections, and every DISCONNECT arrives")
    func leaving() async throws {
        let origin = ClosingOrigin(.idle(.seconds(60)), delay: .milliseconds(1))
        let count = 200
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.limits.originConnections = 32
            } _: { proxy async throws in
                try await withThrowingDiscardingTaskGroup { clients in
                    for _ in 0..<count {
                        clients.addTask { _ = try await proxy.client { try await $0.openWebSocket("/") } }
                    }
                }
                try await proxy.wait("the last DISCONNECT") { origin.requestCount == 2 * count }
            }
        }
        // The origin may see a new connection before the end of one that made room for it.
        #expect(origin.mostConnections <= 40)
    }
}
