import GRIPProxy
import NIOCore
import Testing

/// Origins that end a connection at about the time at which a request goes out on it.
@Suite("Connections that origins are just closing", .timeLimit(.minutes(5)), .serialized)
struct OriginCloseRaceTests {
    private static let repeated = "grip_proxy_origin_requests_repeated_total"

    @Test(
        "Of a thousand messages of WebSockets at the time at which the origin closes none is lost",
        arguments: [50, 100, 200]
    )
    func events(milliseconds: Int64) async throws {
        let (clientCount, messageCount) = (25, 40)
        try await ClosingOrigin(.idle(.milliseconds(milliseconds))).run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.timeouts = GRIPProxyServerConfiguration.Timeouts()
            } _: { proxy async throws in
                try await withThrowingTaskGroup(of: Int.self) { clients in
                    for index in 0..<clientCount {
                        clients.addTask {
                            try await proxy.client { client in
                                guard try await client.openWebSocket("/") else { return 0 }
                                var received = 0
                                var time = ContinuousClock.now
                                for _ in 0..<messageCount {
                                    // The time is what is tested: each message comes when the connection of the last ends.
                                    time += .milliseconds(milliseconds) + .microseconds(index * 80 - 1000)
                                    try await Task.sleep(until: time)
                                    try await client.send(0x1, "message")
                                    guard try await client.frame()?.text == "message" else { break }
                                    received += 1
                                }
                                return received
                            }
                        }
                    }
                    let received = try await clients.reduce(0, +)
                    #expect(received == clientCount * messageCount)
                }
            }
        }
    }

    @Test("A POST that meets the end of a connection before the origin has read it is sent again, once")
    func unread() async throws {
        let (clientCount, postCount) = (4, 50)
        let origin = ClosingOrigin(.afterEach)
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                // Requests wait for the connection that another one has, and go out on it as soon as there is an answer.
                $0.limits.originConnections = 1
            } _: { proxy async throws in
                let codes = try await withThrowingTaskGroup(of: [Int?].self) { clients in
                    for _ in 0..<clientCount {
                        clients.addTask {
                            try await proxy.client { client in
                                var codes: [Int?] = []
                                for _ in 0..<postCount {
                                    try await client.send(
                                        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
                                    )
                                    codes.append(try await client.response()?.code)
                                }
                                return codes
                            }
                        }
                    }
                    return try await clients.reduce([], +)
                }
                // Where the origin loses its processor between its answer and the end, its system has acknowledged the next
                // request: nobody can tell then whether the origin has read it, and it is not sent again.
                #expect(codes.count { $0 == 200 || $0 == 502 } == clientCount * postCount)
                let answered = codes.count { $0 == 200 }
                #expect(answered > clientCount * postCount * 9 / 10)
                #expect(origin.requestCount == answered)
                #if os(Linux)
                #expect(try await proxy.metric(Self.repeated) > 0)
                #endif
            }
        }
    }

    @Test("A POST does not go out on a connection that has been idle for a while; a GET does")
    func idle() async throws {
        let origin = ClosingOrigin(.idle(.seconds(60)))
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originReuse = .zero
                $0.timeouts.originIdle = .seconds(300)
            } _: { proxy async throws in
                try await proxy.client { client in
                    for (index, method) in ["GET", "GET", "POST", "POST", "GET"].enumerated() {
                        // The proxy counts in milliseconds.
                        try await Task.sleep(for: .milliseconds(2))
                        try await client.send("\(method) /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                        #expect(try await client.response()?.body == "\(index + 1)")
                    }
                }
            }
        }
        #expect(origin.connectionCount == 3)
    }

    @Test("What the origin says about its time counts: a POST goes out on such a connection, or never again")
    func keepAlive() async throws {
        for (value, count) in [("timeout=60", 1), ("timeout=0", 3), ("timeout=60, max=1", 3)] {
            let origin = ClosingOrigin(.idle(.seconds(60)), [("Keep-Alive", value)])
            try await origin.run { port in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port)"]
                    $0.timeouts.originReuse = .zero
                    $0.timeouts.originIdle = .seconds(300)
                } _: { proxy async throws in
                    try await proxy.client { client in
                        for _ in 0..<3 {
                            try await Task.sleep(for: .milliseconds(2))
                            try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                            let response = try await client.response()
                            #expect(response?.code == 200)
                            #expect(response?.fields.contains { $0.hasPrefix("Keep-Alive") } == false)
                        }
                    }
                }
            }
            #expect(origin.connectionCount == count, "\(value)")
        }
    }
}
