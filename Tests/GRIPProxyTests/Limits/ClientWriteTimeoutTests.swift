import GRIPProxy
import NIOCore
import Testing

/// Clients that do not take what is written to them.
@Suite("Time: clientWrite", .timeLimit(.minutes(5)))
struct ClientWriteTimeoutTests {
    private static let timedOut = "grip_proxy_clients_timed_out_total{reason=\"write\"}"

    /// Waits until a client is disconnected for not reading.
    ///
    /// The client sees nothing of it, because it does not read.
    private static func awaitTimeout(_ proxy: ProxyScope) async throws {
        while try await proxy.metric(Self.timedOut) == 0 {}
        #expect(try await proxy.metric(Self.timedOut) == 1)
    }

    @Test("A client that does not take a response is disconnected, and the origin is not read meanwhile")
    func response() async throws {
        try await TestOrigin.with([], String(repeating: "x", count: 50_000_000)) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.clientWrite = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.stopReading()
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await Self.awaitTimeout(proxy)
                    try await client.startReading()
                    #expect(try await client.rest().utf8.count < 50_000_000)
                }
            }
        }
    }

    @Test(
        "A client that does not take the items of its stream or WebSocket is disconnected",
        arguments: SlowReaderTests.Kind.allCases
    )
    func items(kind: SlowReaderTests.Kind) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.clientWrite = .milliseconds(100)
            $0.limits.overflow = .drop
        } _: { proxy in
            try await proxy.client { client in
                try await kind.open(&client)
                try await client.stopReading()
                var number = 0
                while try await kind.publish(number, by: proxy) == 1 { number += 1 }
                try await Self.awaitTimeout(proxy)
                #expect(try await proxy.metric("connection_connected") == 0)
            }
        }
    }

    @Test("A client that takes what is written is left alone for as long as it takes")
    func reader() async throws {
        try await TestOrigin.with([], String(repeating: "x", count: 20_000_000) + "!") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.clientWrite = .seconds(5)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.response()?.body.utf8.count == 20_000_001)
                    #expect(try await proxy.metric(Self.timedOut) == 0)
                }
            }
        }
    }
}
