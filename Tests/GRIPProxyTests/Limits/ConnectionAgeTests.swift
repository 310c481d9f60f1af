import NIOCore
import NIOPosix
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
                $0.timeouts.connectionAge = .seconds(2)
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
                $0.timeouts.connectionAge = .seconds(2)
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

    @Test("Any time can be configured")
    func extremes() async throws {
        let longest = Duration.milliseconds(Int(Int32.max))
        for (dead, age) in [(.milliseconds(1), .zero), (longest, longest)] as [(Duration, Duration)] {
            try await withProxy {
                $0.timeouts.deadClient = dead
                $0.timeouts.connectionAge = age
            } _: { proxy in
                let code = try await proxy.get()?.code
                #expect(code == 502)
                #expect(try await proxy.metric(Self.aged) == 0)
            }
        }
    }

    #if os(Linux)
    /// Options of a socket by their numbers on Linux.
    private enum Probe: CInt, CaseIterable {
        case idle = 4
        case interval = 5
        case count = 6
        case userTimeout = 18
    }

    /// What is configured, and what the system is told; `nil` for what it has by itself.
    static let probed: [(time: Duration, values: [Int]?)] = [
        // Linux would count a client that does not read as gone, for which it has `timeouts.clientWrite`: 120 s.
        (.zero, nil), (.seconds(80), [40, 10, 4, 120_000]), (.seconds(240), [120, 30, 4, 240_000]),
    ]

    @Test("Connections of clients have the probes that are configured", arguments: probed)
    func probes(_ expected: (time: Duration, values: [Int]?)) async throws {
        try await TestOrigin.with([("Grip-Hold", "stream"), ("Grip-Channel", "a")], "held\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.deadClient = expected.time
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "held\n") != nil)
                    let isAlive = try await Self.option(.init(level: .socket, name: .so_keepalive), proxy)
                    #expect((isAlive != 0) == (expected.values != nil))
                    let names = Probe.allCases.map { NIOBSDSocket.Option(rawValue: $0.rawValue) }
                    var found: [Int] = []
                    for name in names { found.append(try await Self.option(.init(level: .tcp, name: name), proxy)) }
                    if let values = expected.values {
                        #expect(found == values)
                    } else {
                        for (_, values) in Self.probed {
                            for (one, other) in zip(found, values ?? []) { #expect(one != other) }
                        }
                    }
                }
            }
        }
    }

    /// An option of the only client's socket.
    private static func option(
        _ option: ChannelOptions.Types.SocketOption,
        _ proxy: ProxyScope
    ) async throws -> Int {
        let loops = try await proxy.server.core.gather(on: proxy.group.any()) { loop -> Result<[Int], any Error> in
            Result {
                try loop.clients.values.map { client in
                    let handler = try #require(client as? HTTP1ClientHandler)
                    let options = try #require(handler.context?.channel.syncOptions)
                    return Int(try options.getOption(option))
                }
            }
        }
        .get()
        let values = try loops.flatMap { try $0.get() }
        try #require(values.count == 1)
        return values[0]
    }
    #endif
}
