import GRIPProxy
import NIOCore
import Testing

/// Clients that send slowly or nothing at all.
@Suite("Times: requestHead, requestBody and keepAlive", .timeLimit(.minutes(5)))
struct SlowRequestTests {
    private static func timedOut(_ reason: String) -> String {
        "grip_proxy_clients_timed_out_total{reason=\"\(reason)\"}"
    }

    /// Expects that one client was disconnected for a reason, and none for another.
    private static func expectOne(_ reason: String, _ proxy: ProxyScope) async throws {
        for other in ["head", "body", "rate", "idle", "write", "close"] {
            #expect(try await proxy.metric(Self.timedOut(other)) == (other == reason ? 1 : 0), "\(other)")
        }
    }

    @Test(
        "A client that sends no request, or does not get to the end of its head, is disconnected",
        arguments: ["", "GET / HTTP/1.1\r\nHost: a\r\nX:"]
    )
    func head(bytes: String) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestHead = .milliseconds(100)
        } _: { proxy in
            let text = try await proxy.client { client in
                do { try await client.send(bytes) } catch is ChannelError {
                    // On a busy machine even this comes too late.
                }
                return try await client.rest()
            }
            #expect(text == "")
            try await Self.expectOne("head", proxy)
        }
    }

    @Test("A head in small pieces has no more time than one in one piece")
    func trickle() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestHead = .milliseconds(200)
        } _: { proxy in
            try await proxy.client { client in
                do {
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n")
                    // Each piece comes soon after the one before it.
                    while true {
                        try await client.send("X: x\r\n")
                        _ = try await proxy.metric("request_received")
                    }
                } catch {}
            }
            #expect(try await proxy.metric("request_received") == 0)
            let cut = try await proxy.metric(Self.timedOut("head"))
            // A machine that is fast enough gets to the size of a head instead.
            let refused = try await proxy.metric("grip_proxy_request_heads_too_large_total")
            #expect(cut + refused == 1)
        }
    }

    @Test("The head of a second request has its own time, from its first byte")
    func secondHead() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestHead = .milliseconds(200)
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                // On a busy machine even this may come too late.
                guard try await client.response()?.code == 200 else { return }
                try await client.send("GET / HTTP/1.1\r\nX:")
                #expect(try await client.rest() == "")
            }
            try await Self.expectOne("head", proxy)
        }
    }

    @Test("A client that does not go on with its body is disconnected")
    func body() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestBody = .milliseconds(100)
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx")
                #expect(try await client.rest() == "")
            }
            try await Self.expectOne("body", proxy)
        }
    }

    @Test("A body that never pauses and is slow all the same is disconnected", arguments: ["1000", "chunked"])
    func slowBody(length: String) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestBody = .seconds(2)
            $0.limits.requestBodyRate = 1_000_000
        } _: { proxy in
            try await proxy.client { client in
                let isChunked = length == "chunked"
                let field = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 100000000"
                do {
                    try await client.send("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
                    // Each piece comes soon after the one before it.
                    while true {
                        try await client.send(isChunked ? "1\r\nx\r\n" : "x")
                        _ = try await proxy.metric("request_received")
                    }
                } catch {}
            }
            try await Self.expectOne("rate", proxy)
        }
    }

    @Test("A body at any speed is taken where no rate is asked for")
    func anySpeed() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestBody = .seconds(60)
            $0.limits.requestBodyRate = 0
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
                for _ in 0..<20 {
                    try await client.send("x")
                    _ = try await proxy.metric("request_received")
                }
                #expect(try await client.response()?.code == 200)
            }
        }
    }

    @Test("A client that asks for nothing more is disconnected")
    func idle() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.keepAlive = .milliseconds(100)
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response()?.code == 200)
                #expect(try await client.rest() == "")
            }
            try await Self.expectOne("idle", proxy)
        }
    }

    @Test("Half a WebSocket handshake is disconnected like half of any request")
    func handshake() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.requestHead = .milliseconds(100)
        } _: { proxy in
            try await proxy.client { client in
                do {
                    try await client.send(
                        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    )
                } catch is ChannelError {
                    // On a busy machine even this comes too late.
                }
                #expect(try await client.rest() == "")
            }
            try await Self.expectOne("head", proxy)
        }
    }

    @Test("Held connections outlast all of these times")
    func held() async throws {
        try await withPatience { time in
            try await withProxy {
                $0.routes = ["* test"]
                $0.timeouts.requestHead = time
                $0.timeouts.requestBody = .milliseconds(100)
                $0.timeouts.keepAlive = .milliseconds(100)
                $0.timeouts.clientWrite = .milliseconds(100)
                $0.timeouts.webSocketClose = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { stream in
                    try await stream.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await expectInTime(stream.text(upTo: "[stream opened]\n") != nil)
                    try await proxy.client { webSocket in
                        try await expectInTime(webSocket.openWebSocket("/ws?channel=a"))
                        try await webSocket.send(0x1, "echo")
                        #expect(try await webSocket.frame()?.text == "echo")
                        // This one begins later and is over first.
                        #expect(try await proxy.silence(at: proxy.clients[0]) == "")
                        #expect(try await proxy.publish(text: "still") == 2)
                        #expect(try await stream.text(upTo: "still") != nil)
                        #expect(try await webSocket.frame()?.text == "still")
                    }
                }
                try await Self.expectOne("head", proxy)
            }
        }
    }
}
