import GRIPProxy
import Testing

@Suite("Clients that are too slow", .timeLimit(.minutes(5))) struct ClientSlownessTests {
    private static func timedOut(_ count: Int) -> Substring { "grip_proxy_clients_timed_out_total \(count)" }

    @Test("A head that does not come to its end is given up", arguments: ["", "GET /x HTTP/1.1\r\nHost: a\r\nX"])
    func head(_ beginning: String) async throws {
        try await withProxy {
            $0.timeouts.requestHead = .milliseconds(50)
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(beginning)
                #expect(try await client.rest() == "")
            }
            try await proxy.waitForMetric(Self.timedOut(1))
        }
    }

    @Test("A body that does not come to its end is given up")
    func body() async throws {
        try await TestOrigin.with([], "hello") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.requestBody = .milliseconds(50)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell")
                    #expect(try await client.rest() == "")
                }
                try await proxy.waitForMetric(Self.timedOut(1))
            }
        }
    }

    @Test("A connection that is kept is closed when no request comes, which is no fault")
    func idle() async throws {
        try await TestOrigin.with([], "hello") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.keepAlive = .milliseconds(50)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.response()?.body == "hello")
                    #expect(try await client.rest() == "")
                }
                try await proxy.waitForMetric("connection_connected 0")
                try await proxy.expectMetrics(Self.timedOut(0))
            }
        }
    }

    @Test("A client that takes nothing of a response is given up")
    func reading() async throws {
        // More than the buffers of both sides' sockets.
        let text = String(repeating: "x", count: 32_000_000)
        try await TestOrigin.with([], text) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.clientWrite = .milliseconds(100)
            } _: { proxy in
                try await withConnection(to: proxy.clients[0], on: proxy.group, isReading: false) { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await proxy.waitForMetric(Self.timedOut(1))
                    try await proxy.waitForMetric("connection_connected 0")
                }
            }
        }
    }

    @Test("A WebSocket whose client does not answer a Close frame is given up")
    func close() async throws {
        let events = "OPEN\r\nCLOSE 2\r\n\u{3}\u{0}\r\n"
        let type = ("Content-Type", "application/websocket-events")
        try await TestOrigin.with([type], events) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.timeouts.webSocketClose = .milliseconds(50)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(OriginHandshake.request)
                    #expect(try await client.response()?.code == 101)
                    // The Close frame is all that comes, though the client keeps its side open.
                    _ = try await client.rest()
                }
                try await proxy.waitForMetric("connection_connected 0")
            }
        }
    }
}
