import GRIPProxy
import NIOCore
import Testing

/// WebSockets whose other side does not answer.
@Suite("Times: WebSockets", .timeLimit(.minutes(5)))
struct WebSocketTimeoutTests {
    private static func timedOut(_ reason: String) -> String {
        "grip_proxy_clients_timed_out_total{reason=\"\(reason)\"}"
    }
    private static let originTimeout = "grip_proxy_origin_failures_total{reason=\"timeout\"}"

    // MARK: Closing

    @Test("A client that does not answer a close is disconnected")
    func close() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.webSocketClose = .milliseconds(100)
        } _: { proxy in
            try await proxy.client { client in
                #expect(try await client.openWebSocket("/ws?channel=a"))
                try await client.send(0x1, "echo")
                #expect(try await client.frame()?.text == "echo")
                try await proxy.publish(#""ws-message":{"action":"close"}"#)
                #expect(try await client.frame()?.opcode == 0x8)
                #expect(try await client.frame() == nil)
                #expect(try await proxy.metric(Self.timedOut("close")) == 1)
                #expect(try await proxy.metric("connection_connected") == 0)
            }
        }
    }

    @Test("A client that answers a close and goes is not counted")
    func closeAnswered() async throws {
        try await withProxy {
            $0.routes = ["* test"]
        } _: { proxy in
            try await proxy.client { client in
                #expect(try await client.openWebSocket("/ws?channel=a"))
                try await client.send(0x1, "echo")
                #expect(try await client.frame()?.text == "echo")
                try await proxy.publish(#""ws-message":{"action":"close"}"#)
                let close = try #require(try await client.frame())
                try await client.send(0x8, Array(close.payload.readableBytesView))
                #expect(try await client.rest() == "")
            }
            #expect(try await proxy.metric(Self.timedOut("close")) == 0)
        }
    }

    @Test("A client that has said goodbye does not wait for its origin for ever")
    func originClose() async throws {
        try await withServer { connection in
            _ = try await connection.requestHead()
            try await connection.acceptWebSocket()
            // It reads the close and says nothing.
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.webSocketClose = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await client.send(0x8, [0x03, 0xE8])
                    #expect(try await client.frame() == nil)
                }
                #expect(try await proxy.metric("grip_proxy_origin_failures_total{reason=\"timeout\"}") == 1)
            }
        }
    }

    // MARK: The handshake

    @Test(
        "An origin that does not answer the handshake, or not to its end, is given up",
        arguments: [
            "", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n",
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nNo",
        ]
    )
    func handshake(answer: String) async throws {
        try await withServer { connection in
            _ = try await connection.requestHead()
            try await connection.send(answer)
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originResponse = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.requestWebSocket("/")
                    #expect(try await client.response()?.code == 502)
                    #expect(try await proxy.metric(Self.originTimeout) == 1)
                }
            }
        }
    }

    @Test("A WebSocket that is open outlasts the time for its handshake")
    func open() async throws {
        try await withPatience { time in
            try await withServer { connection in
                guard let head = try await connection.requestHead() else { return }
                if head.contains(" /quiet ") { return _ = try await connection.rest() }
                try await connection.acceptWebSocket()
                while let frame = try await connection.frame() {
                    try await connection.send(frame.opcode, Array(frame.payload.readableBytesView), masked: false)
                }
            } _: { port in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port)"]
                    $0.timeouts.originResponse = time
                } _: { proxy in
                    try await proxy.client { client in
                        try await expectInTime(client.openWebSocket("/"))
                        try await proxy.client { other in
                            // This one begins later and is over first.
                            try await other.requestWebSocket("/quiet")
                            #expect(try await other.response()?.code == 502)
                        }
                        try await client.send(0x1, "still")
                        #expect(try await client.frame()?.text == "still")
                    }
                }
            }
        }
    }

    @Test("An origin that gets WebSocket events and does not answer ends the connection", arguments: [0, 1])
    func overHTTP(answeredCount: Int) async throws {
        try await withPatience { time in
            try await withServer { connection in
                for _ in 0..<answeredCount {
                    _ = try await connection.text(upTo: "OPEN\r\n")
                    try await connection.respond("200 OK", ["Content-Type: application/websocket-events"], "OPEN\r\n")
                }
                _ = try await connection.rest()
            } _: { port in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port),over_http"]
                    $0.timeouts.originResponse = time
                } _: { proxy in
                    try await proxy.client { client in
                        if answeredCount == 0 {
                            try await client.requestWebSocket("/")
                            #expect(try await client.response()?.code == 502)
                        } else {
                            try await expectInTime(client.openWebSocket("/"))
                            try await client.send(0x1, "a")
                            #expect(try await client.frame()?.closeCode == 1011)
                            #expect(try await client.frame() == nil)
                        }
                        #expect(try await proxy.metric(Self.originTimeout) == 1)
                    }
                }
            }
        }
    }

    @Test("An origin that gets WebSocket events and stops in the middle of its answer ends the connection")
    func overHTTPBody() async throws {
        try await withServer { connection in
            _ = try await connection.text(upTo: "OPEN\r\n")
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Type: application/websocket-events\r\nContent-Length: 100\r\n\r\nOPEN"
            )
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.timeouts.originBody = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.requestWebSocket("/")
                    #expect(try await client.response()?.code == 502)
                    #expect(try await proxy.metric(Self.originTimeout) == 1)
                }
            }
        }
    }
}
