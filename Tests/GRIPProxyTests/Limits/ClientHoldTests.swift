import GRIP
import GRIPProxy
import Testing

@Suite("What a hold may need", .timeLimit(.minutes(5))) struct ClientHoldTests {
    @Test("Channels over the limit are left out", arguments: [2, 3])
    func subscriptions(limit: Int) async throws {
        let hold = [("Grip-Hold", "stream"), ("Grip-Channel", "a, b, c")]
        try await TestOrigin.with(hold, "[open]\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.subscriptionsPerConnection = limit
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n\r\n") != nil)
                    try await proxy.expectMetrics("grip_proxy_subscriptions{kind=\"stream\"} \(limit)")
                    let items = ["c", "b"].map { name in
                        GRIPPublication(GRIPItem(.httpStream(.text("\(name)\n"))), to: GRIPChannel(stringLiteral: name))
                    }
                    proxy.server.publish(items)
                    let received = try #require(try await client.text(upTo: "b\n"))
                    #expect(received.contains("c\n") == (limit == 3))
                }
            }
        }
    }

    @Test("A request whose body is over the limit cannot be held", arguments: [0, 1])
    func body(excess: Int) async throws {
        let hold = [("Grip-Hold", "response"), ("Grip-Channel", "a")]
        try await TestOrigin.with(hold, "nothing\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.rememberedBody = 10
            } _: { proxy in
                try await proxy.client { client in
                    let body = String(repeating: "x", count: 10 + excess)
                    try await client.send(
                        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                    if excess == 0 {
                        try await proxy.waitForMetric("grip_proxy_holds{kind=\"response\"} 1")
                    } else {
                        let response = try await client.response()
                        #expect(response?.code == 400)
                        #expect(response?.body == "Request too large to accept GRIP instruct.\n")
                    }
                    try await proxy.expectMetrics("grip_proxy_requests_too_large_to_hold_total \(excess)")
                }
            }
        }
    }

    @Test("A message over the limit ends the WebSocket with the code for that", arguments: [0, 1])
    func message(excess: Int) async throws {
        let type = ("Content-Type", "application/websocket-events")
        try await TestOrigin.with([type], "OPEN\r\nTEXT 1\r\n!\r\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.limits.webSocketMessage = 100
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(OriginHandshake.request)
                    #expect(try await client.text(upTo: "!") != nil)
                    // Masked with zeros.
                    let payload = [UInt8](repeating: UInt8(ascii: "x"), count: 100 + excess)
                    try await client.send([0x81, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload)
                    if excess == 0 {
                        try await proxy.waitForMetric("grip_proxy_origin_requests_total 2")
                    } else {
                        let bytes = Array(try await client.rest().unicodeScalars.map(\.value).prefix(1))
                        #expect(!bytes.isEmpty)
                    }
                }
            }
        }
    }
}
