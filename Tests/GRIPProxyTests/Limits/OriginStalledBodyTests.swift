import GRIPProxy
import Testing

@Suite("Origins that stop in the middle of a body", .timeLimit(.minutes(5)))
struct OriginStalledBodyTests {
    private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"

    @Test("A body that passes through may take as long as it likes")
    func relayed() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedOrigin.with { connection in
            guard try await connection.text(upTo: "\r\n\r\n")?.hasPrefix("GET /body") == true else {
                _ = try await connection.rest()
                return
            }
            try await connection.send("\(Self.chunked)\r\n5\r\nfirst\r\n")
            for await _ in gate { break }
            try await connection.send("4\r\nlast\r\n0\r\n\r\n")
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originResponse = .milliseconds(50)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /body HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "first\r\n") != nil)
                    // Others are overdue meanwhile, whichever event loop they are on.
                    for _ in 0..<3 { #expect(try await proxy.get()?.code == 504) }
                    opener.yield()
                    #expect(try await client.text(upTo: "0\r\n\r\n") == "4\r\nlast\r\n0\r\n\r\n")
                    try await proxy.expectMetrics(
                        "grip_proxy_responses_aborted_total 0",
                        "grip_proxy_origin_failures_total{reason=\"timeout\"} 3"
                    )
                }
            }
        }
    }

    @Test("A body that is cut off aborts the client's response")
    func cut() async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send("\(Self.chunked)\r\n5\r\nfirst\r\n")
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.rest().hasSuffix("first\r\n"))
                }
                try await proxy.expectMetrics(
                    "grip_proxy_responses_aborted_total 1",
                    "grip_proxy_origin_failures_total{reason=\"closed\"} 1"
                )
            }
        }
    }

    @Test("A body with instructions that stalls makes a 504, as nobody can be held without it")
    func instructed() async throws {
        try await Self.expectTimeout("Grip-Hold: response\r\nGrip-Channel: a\r\n", status: 504)
    }

    @Test("Events for a WebSocket that stall refuse it")
    func events() async throws {
        try await Self.expectTimeout(
            "Content-Type: application/websocket-events\r\n",
            option: ",over_http",
            asking: OriginHandshake.fields,
            status: 502
        )
    }

    private static func expectTimeout(
        _ fields: String,
        option: String = "",
        asking: String = "",
        status: Int
    ) async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send("\(Self.chunked)\(fields)\r\n4\r\nOPEN\r\n")
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)\(option)"]
                $0.timeouts.originResponse = .milliseconds(50)
            } _: { proxy in
                #expect(try await proxy.get("/x", asking)?.code == status)
                try await proxy.expectMetrics(OriginResponseTimeoutTests.failed)
            }
        }
    }

    @Test("A page that stalls is asked for again")
    func page() async throws {
        let (attempts, attempt) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedOrigin.with { connection in
            while let head = try await connection.text(upTo: "\r\n\r\n") {
                guard head.hasPrefix("GET /next") else {
                    try await connection.send(
                        "\(Self.chunked)Grip-Link: </next>; rel=next\r\n\r\n7\r\n[first]\r\n0\r\n\r\n"
                    )
                    continue
                }
                attempt.yield()
                try await connection.send("\(Self.chunked)\r\n6\r\n[half]\r\n")
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originResponse = .milliseconds(50)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[first]\r\n") != nil)
                    var iterator = attempts.makeAsyncIterator()
                    #expect(await iterator.next() != nil)
                    #expect(await iterator.next() != nil)
                }
            }
        }
    }
}
