import GRIPProxy
import Testing

@Suite("Bodies with instructions that are too long", .timeLimit(.minutes(5)))
struct OriginInstructedBodyTests {
    private static let hold = [("Grip-Hold", "response"), ("Grip-Channel", "a")]

    private func withOrigin(
        _ fields: [(String, String)],
        _ body: String,
        limit: Int,
        _ test: (ProxyScope) async throws -> Void
    ) async throws {
        try await TestOrigin.with(fields, body) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.instructedBody = limit
            } _: {
                try await test($0)
            }
        }
    }

    @Test("One byte over the limit the origin has failed")
    func over() async throws {
        try await self.withOrigin(Self.hold, "123456", limit: 5) { proxy in
            let response = try await proxy.get()
            #expect(response?.code == 502)
            #expect(response?.body == "Error while proxying to origin.\n")
            try await proxy.expectMetrics(
                "grip_proxy_bad_instructions_total 1",
                "grip_proxy_holds_begun_total{kind=\"response\"} 0"
            )
        }
    }

    @Test("At the limit the client is held")
    func at() async throws {
        try await self.withOrigin(Self.hold, "12345", limit: 5) { proxy in
            try await proxy.client { client in
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                try await proxy.waitForMetric("grip_proxy_holds{kind=\"response\"} 1")
                try await proxy.expectMetrics("grip_proxy_bad_instructions_total 0")
            }
        }
    }

    @Test("The beginning of a stream may be longer: it passes through")
    func stream() async throws {
        let fields = [("Grip-Hold", "stream"), ("Grip-Channel", "a")]
        try await self.withOrigin(fields, "123456", limit: 5) { proxy in
            try await proxy.client { client in
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.text(upTo: "123456\r\n") != nil)
                try await proxy.waitForMetric("grip_proxy_holds{kind=\"stream\"} 1")
                try await proxy.expectMetrics("grip_proxy_bad_instructions_total 0")
            }
        }
    }

    @Test("A document with instructions is limited as a whole", arguments: [0, 1])
    func document(excess: Int) async throws {
        let document = #"{"response":{"body":"hello"}}"#
        let fields = [("Content-Type", "application/grip-instruct")]
        try await self.withOrigin(fields, document, limit: document.utf8.count - excess) { proxy in
            #expect(try await proxy.get()?.code == (excess == 0 ? 200 : 502))
            try await proxy.expectMetrics("grip_proxy_bad_instructions_total \(excess)")
        }
    }
}
