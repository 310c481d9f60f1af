import GRIPProxy
import Testing

@Suite("What origins send to WebSockets that is too long", .timeLimit(.minutes(5)))
struct OriginWebSocketResponseTests {
    private static func tooLarge(_ count: Int) -> Substring {
        "grip_proxy_origin_responses_too_large_total \(count)"
    }

    @Test("A response with events one byte over the limit refuses the WebSocket", arguments: [0, 1])
    func events(excess: Int) async throws {
        let events = "OPEN\r\nTEXT 5\r\nhello\r\n"
        try await TestOrigin.with([("Content-Type", "application/websocket-events")], events) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.limits.webSocketResponse = events.utf8.count - excess
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(OriginHandshake.request)
                    #expect(try await client.response()?.code == (excess == 0 ? 101 : 502))
                    if excess == 0 { #expect(try await client.text(upTo: "hello") != nil) }
                    try await proxy.expectMetrics(Self.tooLarge(excess))
                }
            }
        }
    }

    @Test("A frame one byte over the limit ends the WebSocket of an origin that speaks WebSocket", arguments: [5, 6])
    func frame(count: Int) async throws {
        let payload = String(repeating: "p", count: count)
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send(OriginHandshake.accepted)
            try await connection.send([0x82, UInt8(count)] + Array(payload.utf8))
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.webSocketResponse = 5
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(OriginHandshake.request)
                    #expect(try await client.response()?.code == 101)
                    if count == 5 {
                        #expect(try await client.text(upTo: payload)?.hasSuffix(payload) == true)
                    } else {
                        #expect(try await !client.rest().contains("p"))
                    }
                    try await proxy.expectMetrics(Self.tooLarge(count - 5))
                }
            }
        }
    }
}
