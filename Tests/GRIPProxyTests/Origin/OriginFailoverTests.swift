import GRIPProxy
import Testing

@Suite("Origins that refuse connections", .timeLimit(.minutes(5)))
struct OriginFailoverTests {
    /// Nobody listens there.
    private static let refusing = "127.0.0.1:1"
    private static let counted = "grip_proxy_origin_failures_total{reason=\"unreachable\"}"

    @Test("A second target is asked, and gets the request as a whole")
    func second() async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            guard try await connection.text(upTo: "whole") == "whole" else { return }
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        } _: { port in
            try await withProxy {
                $0.routes = ["* \(Self.refusing) 127.0.0.1:\(port)"]
            } _: { proxy async throws in
                try await proxy.client { client in
                    try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nwhole")
                    #expect(try await client.response()?.body == "ok")
                }
                #expect(try await proxy.metric(Self.counted) == 1)
                #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 2)
            }
        }
    }

    @Test("As long as the first target can be reached it is asked alone")
    func first() async throws {
        try await TestOrigin.with([], "first") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port) \(Self.refusing)"]
            } _: { proxy async throws in
                #expect(try await proxy.get()?.body == "first")
                #expect(try await proxy.metric(Self.counted) == 0)
                #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 1)
            }
        }
    }

    @Test("When all refuse the answer is a 502, and those of a WebSocket too", arguments: ["", ",over_http"])
    func all(option: String) async throws {
        try await withProxy {
            $0.routes = ["* \(Self.refusing)\(option) \(Self.refusing)\(option)"]
        } _: { proxy async throws in
            for (index, fields) in ["", OriginHandshake.fields].enumerated() {
                let response = try await proxy.get("/x", fields)
                #expect(response?.code == 502)
                #expect(response?.body == "Error while proxying to origin.\n")
                #expect(try await proxy.metric(Self.counted) == 2 * (index + 1))
                #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 2 * (index + 1))
            }
        }
    }

    @Test("A WebSocket goes to the second target too")
    func webSocket() async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send(OriginHandshake.accepted)
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* \(Self.refusing) 127.0.0.1:\(port)"]
            } _: { proxy async throws in
                #expect(try await proxy.get("/x", OriginHandshake.fields)?.code == 101)
                #expect(try await proxy.metric(Self.counted) == 1)
                #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 2)
            }
        }
    }

    @Test("A WebSocket whose origin gets events goes to the second target too")
    func events() async throws {
        try await TestOrigin.with([("Content-Type", "application/websocket-events")], "OPEN\r\n") { port in
            try await withProxy {
                $0.routes = ["* \(Self.refusing),over_http 127.0.0.1:\(port),over_http"]
            } _: { proxy async throws in
                try await proxy.client { client in
                    try await client.send(OriginHandshake.request)
                    #expect(try await client.response()?.code == 101)
                    #expect(try await proxy.metric(Self.counted) == 1)
                    #expect(try await proxy.metric("grip_proxy_holds{kind=\"ws\"}") == 1)
                }
            }
        }
    }
}
