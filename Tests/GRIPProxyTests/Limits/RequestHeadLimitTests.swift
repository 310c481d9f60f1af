import GRIPProxy
import NIOCore
import Testing

@Suite("Limits: requestHead and requestFields", .timeLimit(.minutes(5)))
struct RequestHeadLimitTests {
    private static let tooLarge = "grip_proxy_request_heads_too_large_total"

    /// Runs a proxy whose requests have at most 1000 bytes and 10 fields in their heads.
    private static func run<Result>(_ body: (ProxyScope) async throws -> Result) async throws -> Result {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.requestHead = 1000
            $0.limits.requestFields = 10
        } _: {
            try await body($0)
        }
    }

    /// A head whose target and fields, with four bytes for each, take so many bytes.
    private static func head(_ size: Int, fieldCount: Int = 2) -> String {
        // "/", "Host" and "a" take 10.
        let each = (size - 10) / (fieldCount - 1)
        let rest = (size - 10) % (fieldCount - 1)
        let fields = (1..<fieldCount).map { index in
            "X: " + String(repeating: "x", count: each - 5 + (index == 1 ? rest : 0)) + "\r\n"
        }
        return "GET / HTTP/1.1\r\nHost: a\r\n\(fields.joined())\r\n"
    }

    @Test("A head of the size that may be passes, however it is divided", arguments: [2, 5, 10])
    func largest(fieldCount: Int) async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await client.send(Self.head(1000, fieldCount: fieldCount))
                #expect(try await client.response()?.code == 200)
                #expect(try await proxy.metric(Self.tooLarge) == 0)
            }
        }
    }

    @Test(
        "A head that is longer, or has more fields, is answered with 431 and ends the connection",
        arguments: [
            head(1001), head(1001, fieldCount: 10), head(5000), head(5000, fieldCount: 10), head(500, fieldCount: 11),
            "GET /\(String(repeating: "x", count: 1000)) HTTP/1.1\r\nHost: a\r\n\r\n",
        ]
    )
    func tooLarge(head: String) async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await client.send(head)
                let text = try await client.rest()
                #expect(text.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"))
                #expect(text.contains("\r\nConnection: close\r\n"))
                #expect(try await proxy.metric(Self.tooLarge) == 1)
                #expect(try await proxy.metric("grip_proxy_bad_requests_total") == 0)
            }
        }
    }

    @Test("A head is refused as soon as it is too long, not when it ends")
    func endless() async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n")
                for _ in 0..<4 { try await client.send("X: \(String(repeating: "x", count: 300))\r\n") }
                // There is no end of the head.
                #expect(try await client.text(upTo: "\r\n")?.hasPrefix("HTTP/1.1 431 ") == true)
            }
        }
    }

    @Test("The second request of a connection has the same limit")
    func second() async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await client.send(Self.head(1000) + Self.head(1001))
                #expect(try await client.response()?.code == 200)
                #expect(try await client.response()?.code == 431)
                #expect(try await client.rest() == "")
                #expect(try await proxy.metric(Self.tooLarge) == 1)
            }
        }
    }
}
