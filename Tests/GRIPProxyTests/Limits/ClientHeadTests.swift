import GRIPProxy
import Testing

@Suite("Heads of requests that are too long", .timeLimit(.minutes(5))) struct ClientHeadTests {
    private static func request(_ fields: String) -> String { "GET /x HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }

    @Test("A head over the limit is refused and counted, one under it is not", arguments: [100, 2000])
    func size(_ count: Int) async throws {
        try await TestOrigin.with([], "hello") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.requestHead = 1000
            } _: { proxy in
                let isTooLong = count > 1000
                let response = try await proxy.get("/x", "X: \(String(repeating: "x", count: count))\r\n")
                #expect(response?.code == (isTooLong ? 431 : 200))
                if isTooLong { #expect(response?.body == "The head of the request is too long.\n") }
                try await proxy.expectMetrics("grip_proxy_request_heads_too_large_total \(isTooLong ? 1 : 0)")
            }
        }
    }

    @Test("More fields than the limit are refused and counted, as many are not", arguments: [10, 11])
    func fields(_ count: Int) async throws {
        try await TestOrigin.with([], "hello") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.requestFields = 10
            } _: { proxy in
                let isTooMany = count > 10
                // The host is one of them.
                let fields = (1..<count).map { "X-\($0): x\r\n" }.joined()
                #expect(try await proxy.get("/x", fields)?.code == (isTooMany ? 431 : 200))
                try await proxy.expectMetrics("grip_proxy_request_heads_too_large_total \(isTooMany ? 1 : 0)")
            }
        }
    }
}
