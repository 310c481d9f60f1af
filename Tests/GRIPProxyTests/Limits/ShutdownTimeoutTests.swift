import GRIPProxy
import NIOCore
import Testing

@Suite("Times: drain and shutdown", .timeLimit(.minutes(5)))
struct ShutdownTimeoutTests {
    @Test("What is held ends in its own way when the proxy shuts down")
    func drain() async throws {
        let (opened, opens) = AsyncStream.makeStream(of: Void.self)
        let rest = try await withProxy {
            $0.routes = ["* test"]
            $0.timeouts.shutdown = .seconds(300)
        } _: { proxy in
            let address = proxy.clients[0]
            let task = Task {
                try await withOwnGroup { group in
                    try await withConnection(to: address, on: group) { client in
                        try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await client.text(upTo: "[stream opened]\n") != nil)
                        opens.yield()
                        return try await client.rest()
                    }
                }
            }
            var iterator = opened.makeAsyncIterator()
            _ = await iterator.next()
            return task
        }
        // The proxy has ended, so that the time for its shutdown was not waited for.
        let last = try await rest.value
        #expect(last == "\r\n0\r\n\r\n")
    }

    @Test("What does not end is cut off when the time for the shutdown is over")
    func shutdown() async throws {
        let (asked, asks) = AsyncStream.makeStream(of: Void.self)
        try await withServer { connection in
            _ = try await connection.requestHead()
            asks.yield()
            _ = try await connection.rest()
        } _: { port in
            let rest = try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originResponse = .seconds(300)
                $0.timeouts.shutdown = .milliseconds(100)
            } _: { proxy in
                let address = proxy.clients[0]
                let task = Task {
                    try await withOwnGroup { group in
                        try await withConnection(to: address, on: group) { client in
                            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                            return try await client.rest()
                        }
                    }
                }
                var iterator = asked.makeAsyncIterator()
                _ = await iterator.next()
                return task
            }
            #expect(try await rest.value == "")
        }
    }
}
