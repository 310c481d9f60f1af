import GRIPProxy
import NIOCore
import NIOPosix
import Testing

/// Origins that do not answer, or not to the end.
@Suite("Times: origins", .timeLimit(.minutes(5)))
struct OriginTimeoutTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func failed(_ reason: String) -> String { "grip_proxy_origin_failures_total{reason=\"\(reason)\"}" }

    /// Runs a proxy before an origin.
    private static func run(
        _ configure: (inout GRIPProxyServerConfiguration) -> Void,
        options: String = "",
        _ serve: @escaping @Sendable (inout TestConnection) async throws -> Void,
        _ body: (ProxyScope) async throws -> Void
    ) async throws {
        try await withServer(serve) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)\(options)"]
                configure(&$0)
            } _: {
                try await body($0)
            }
        }
    }

    // MARK: Connecting

    /// Runs a listener that accepts no connection and has no room for another one to wait.
    private static func withFullListener<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        try await withOwnGroup { group in
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1)
                .serverChannelOption(.autoRead, value: false)
                .bind(host: "127.0.0.1", port: 0).get()
            let address = try #require(listener.localAddress)
            // Those that wait are one more than was asked for.
            return try await withConnection(to: address, on: group) { _ in
                try await withConnection(to: address, on: group) { _ in try await body(address.port ?? 0) }
            }
        }
    }

    @Test("An origin that takes no connection is given up, for requests and for WebSockets")
    func connect() async throws {
        try await Self.withFullListener { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originConnect = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(Self.request)
                    let response = try await client.response()
                    #expect(response?.code == 502)
                    #expect(response?.body == "Error while proxying to origin.\n")
                    #expect(try await proxy.metric(Self.failed("unreachable")) == 1)
                }
                try await proxy.client { client in
                    try await client.requestWebSocket("/")
                    #expect(try await client.response()?.code == 502)
                    #expect(try await proxy.metric(Self.failed("unreachable")) == 2)
                }
            }
        }
    }

    @Test("The next target is asked when the first takes no connection")
    func nextTarget() async throws {
        try await Self.withFullListener { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port) test"]
                $0.timeouts.originConnect = .milliseconds(100)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(Self.request)
                    #expect(try await client.response()?.code == 200)
                    #expect(try await proxy.metric(Self.failed("unreachable")) == 1)
                }
            }
        }
    }

    @Test("An origin that does not go on with TLS is given up, for requests and for WebSockets")
    func tls() async throws {
        try await Self.run({ $0.timeouts.originConnect = .milliseconds(100) }, options: ",ssl") { connection in
            _ = try await connection.rest()
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(Self.request)
                #expect(try await client.response()?.code == 502)
                #expect(try await proxy.metric(Self.failed("unreachable")) == 1)
            }
            try await proxy.client { client in
                try await client.requestWebSocket("/")
                #expect(try await client.response()?.code == 502)
                #expect(try await proxy.metric(Self.failed("unreachable")) == 2)
            }
        }
    }

    // MARK: Answering

    @Test(
        "An origin that does not answer, or not to the end of its head, is given up with 504",
        arguments: ["", "HTTP/1.1 200 OK\r\nX:"]
    )
    func response(answer: String) async throws {
        try await Self.run({ $0.timeouts.originResponse = .milliseconds(100) }) { connection in
            _ = try await connection.requestHead()
            try await connection.send(answer)
            _ = try await connection.rest()
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(Self.request)
                let response = try await client.response()
                #expect(response?.code == 504)
                #expect(response?.body == "The origin did not answer in time.\n")
                #expect(try await proxy.metric(Self.failed("timeout")) == 1)
            }
        }
    }

    @Test("An origin that does not take the body of a request is given up with 504")
    func upload() async throws {
        try await Self.run({ $0.timeouts.originResponse = .milliseconds(100) }) { connection in
            try await connection.stopReading()
            await connection.waitForCancellation()
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
                // Nobody takes all of that.
                do {
                    for _ in 0..<100 { try await client.send(String(repeating: "x", count: 1_000_000)) }
                } catch {}
                while try await proxy.metric(Self.failed("timeout")) == 0 {}
                #expect(try await proxy.metric(Self.failed("timeout")) == 1)
            }
        }
    }

    @Test("A response that has begun and stops is given up where the proxy needs it as a whole")
    func instructedBody() async throws {
        try await Self.run({ $0.timeouts.originBody = .milliseconds(100) }) { connection in
            _ = try await connection.requestHead()
            try await connection.send(
                "HTTP/1.1 200 OK\r\nGrip-Hold: response\r\nGrip-Channel: a\r\nContent-Length: 100\r\n\r\nhalf"
            )
            _ = try await connection.rest()
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(Self.request)
                #expect(try await client.response()?.code == 504)
                #expect(try await proxy.metric(Self.failed("timeout")) == 1)
            }
        }
    }

    @Test("A page that has begun and stops is asked for again")
    func linkedPage() async throws {
        let (asked, asks) = AsyncStream.makeStream(of: Void.self)
        try await Self.run({ $0.timeouts.originBody = .milliseconds(100) }) { connection in
            while let head = try await connection.requestHead() {
                if head.hasPrefix("GET / ") {
                    try await connection.respond("200 OK", ["Grip-Link: </next>; rel=next"], "first\n")
                } else {
                    asks.yield()
                    try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                    _ = try await connection.rest()
                }
            }
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(Self.request)
                #expect(try await client.text(upTo: "first\n") != nil)
                var iterator = asked.makeAsyncIterator()
                for _ in 0..<2 { _ = await iterator.next() }
                #expect(try await proxy.metric(Self.failed("timeout")) >= 1)
            }
        }
    }

    @Test("A response that passes through may pause for as long as it wants")
    func pause() async throws {
        try await withPatience { time in
            let (released, releases) = AsyncStream.makeStream(of: Void.self)
            try await Self.run({
                $0.timeouts.originBody = time
                $0.timeouts.originResponse = time
            }) { connection in
                guard let head = try await connection.requestHead() else { return }
                if head.hasPrefix("GET /quiet ") { return _ = try await connection.rest() }
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
                var gate = released.makeAsyncIterator()
                _ = await gate.next()
                try await connection.send("half")
            } _: { proxy in
                defer { releases.finish() }
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    try await expectInTime(client.text(upTo: "half") != nil)
                    try await proxy.client { other in
                        // This one begins later and is over first.
                        try await other.send("GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await other.response()?.code == 504)
                    }
                    releases.yield()
                    #expect(try await client.text(upTo: "half") == "half")
                    #expect(try await proxy.metric(Self.failed("timeout")) == 1)
                }
            }
        }
    }

    // MARK: Connections that nobody uses

    @Test("A connection to an origin is used again, and closed and counted when nobody does")
    func idle() async throws {
        let (ended, ends) = AsyncStream.makeStream(of: Int.self)
        try await Self.run({ $0.timeouts.originIdle = .milliseconds(100) }) { connection in
            var count = 0
            while try await connection.requestHead() != nil {
                count += 1
                try await connection.respond()
            }
            ends.yield(count)
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(Self.request + Self.request)
                for _ in 0..<2 { #expect(try await client.response()?.code == 200) }
                var iterator = ended.makeAsyncIterator()
                var count = 0
                // A busy machine may close it between the two.
                while count < 2 { count += await iterator.next() ?? 2 }
                #expect(count == 2)
                #expect(try await proxy.metric("grip_proxy_origin_connections_expired_total") >= 1)
                // The proxy makes another one.
                try await client.send(Self.request)
                #expect(try await client.response()?.code == 200)
            }
        }
    }
}
