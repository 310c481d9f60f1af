import NIOCore
import Testing

@testable import GRIPProxy

@Suite("Limit: connectionAge", .timeLimit(.minutes(5)))
struct ConnectionAgeTests {
    private static let aged = "grip_proxy_connections_aged_total"

    @Test("A stream that is old enough ends, and a long poll is answered", arguments: ["stream", "response"])
    func holds(mode: String) async throws {
        try await TestOrigin.with([("Grip-Hold", mode), ("Grip-Channel", "a")], "held\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.connectionAge = .milliseconds(200)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    let rest = try await client.rest()
                    #expect(rest.contains("held\n"))
                    #expect(mode == "response" || rest.hasSuffix("\r\n0\r\n\r\n"))
                }
                try await proxy.wait("it is counted") { try await proxy.metric(Self.aged) == 1 }
            }
        }
    }

    @Test("A WebSocket that is old enough is closed with 1001")
    func webSocket() async throws {
        let fields = [("Content-Type", "application/websocket-events"), ("Sec-WebSocket-Extensions", "grip")]
        try await TestOrigin.with(fields, "OPEN\r\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.timeouts.connectionAge = .milliseconds(200)
            } _: { proxy in
                try await proxy.client { client in
                    let isOpen = try await client.openWebSocket("/")
                    #expect(isOpen)
                    #expect(try await client.frame()?.closeCode == 1001)
                }
                #expect(try await proxy.metric(Self.aged) == 1)
            }
        }
    }

    @Test("Without an age connections stay")
    func never() async throws {
        try await TestOrigin.with([], "x") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                let body = try await proxy.get()?.body
                #expect(body == "x")
                #expect(try await proxy.metric(Self.aged) == 0)
            }
        }
    }

    @Test("Any time can be configured", arguments: [.milliseconds(1), .milliseconds(2_147_483_647)] as [Duration])
    func extremes(time: Duration) async throws {
        try await withProxy {
            $0.timeouts.deadClient = time
        } _: { proxy in
            let code = try await proxy.get()?.code
            #expect(code == 502)
        }
    }

    #if os(Linux)
    @Test("Connections of clients have the probes that are configured", arguments: [.zero, .seconds(80)] as [Duration])
    func probes(time: Duration) async throws {
        try await TestOrigin.with([("Grip-Hold", "stream"), ("Grip-Channel", "a")], "held\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.deadClient = time
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "held\n") != nil)
                    // By their numbers on Linux: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT.
                    for (number, value) in [(4, 40), (5, 10), (6, 4), (18, 80_000)] as [(CInt, Int)] {
                        let found = try await proxy.count { loop in
                            loop.clients.values.reduce(0) { sum, client in
                                let options = (client as? HTTP1ClientHandler)?.context?.channel.syncOptions
                                let option = ChannelOptions.Types.SocketOption(
                                    level: .tcp,
                                    name: .init(rawValue: number)
                                )
                                let found = (try? options?.getOption(option)).flatMap { $0 } ?? -1
                                return sum + Int(found)
                            }
                        }
                        #expect((found == value) == (time > .zero), "\(number): \(found)")
                    }
                }
            }
        }
    }
    #endif
}
