import GRIPProxy
import NIOCore
import Synchronization
import Testing

@Suite("Limit: pings of the proxy", .timeLimit(.minutes(5)))
struct WebSocketPingTests {
    /// Runs a WebSocket whose origin remembers the events that it gets.
    private static func run(
        pong: Duration,
        ping: Duration = .milliseconds(100),
        _ body: (ProxyScope, inout TestConnection, _ events: () -> String) async throws -> Void
    ) async throws {
        let requests = Mutex("")
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                let count = head.firstMatch(of: #/\r\nContent-Length: (\d+)/#).flatMap { Int($0.1) } ?? 0
                let bytes = count > 0 ? try await connection.bytes(count) : nil
                let events = bytes.map { String(buffer: $0) } ?? ""
                requests.withLock { $0 += events }
                try await connection.respond(
                    "200 OK",
                    ["Content-Type: application/websocket-events", "Sec-WebSocket-Extensions: grip"],
                    events.hasPrefix("OPEN") ? "OPEN\r\n" : ""
                )
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.timeouts.webSocketPing = ping
                $0.timeouts.webSocketPong = pong
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await body(proxy, &client) { requests.withLock { $0 } }
                }
            }
        }
    }

    @Test("A client that answers stays, and its origin hears of its own pings only")
    func answered() async throws {
        try await Self.run(pong: .seconds(60)) { proxy, client, events in
            #expect(try await client.frame() == .init(opcode: 0x9, payload: ByteBuffer(string: "grip")))
            try await client.send(0xA, "grip")
            try await client.send(0xA, "other")
            try await client.send(0x1, "text")
            try await proxy.wait("the text") { events().contains("text") }
            #expect(events().contains("other"))
            #expect(!events().contains("grip"))
            #expect(try await proxy.metric("grip_proxy_pings_total") == 1)
            #expect(try await proxy.metric(#"grip_proxy_clients_timed_out_total{reason="pong"}"#) == 0)
        }
    }

    @Test("A client that sends nothing any more is disconnected")
    func unanswered() async throws {
        try await Self.run(pong: .milliseconds(100)) { proxy, client, _ in
            let ping = try await client.frame()
            #expect(ping?.opcode == 0x9)
            #expect(try await client.frame() == nil)
            #expect(try await proxy.metric(#"grip_proxy_clients_timed_out_total{reason="pong"}"#) == 1)
            #expect(try await proxy.metric(#"grip_proxy_holds{kind="ws"}"#) == 0)
        }
    }

    @Test("Without a time nobody is asked")
    func never() async throws {
        try await Self.run(pong: .milliseconds(1), ping: .zero) { proxy, client, events in
            try await client.send(0x1, "text")
            try await proxy.wait("the text") { events().contains("text") }
            #expect(try await proxy.metric("grip_proxy_pings_total") == 0)
        }
    }
}
