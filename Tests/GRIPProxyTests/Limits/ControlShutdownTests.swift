import GRIPProxy
import NIOCore
import Testing

@Suite("How long a shutdown takes", .timeLimit(.minutes(5)))
struct ControlShutdownTests {
    /// Runs a proxy before an origin, shuts it down once a client has sent a request and got a beginning.
    ///
    /// - Parameters:
    ///   - beginning: What the client waits for before the shutdown.
    ///   - began: Called when the shutdown has begun.
    ///   - script: What the origin does with each connection.
    ///   - configure: Changes the settings.
    /// - Returns: What the client got after that.
    private func rest(
        after beginning: String,
        began: @escaping @Sendable () -> Void = {},
        of script: @escaping @Sendable (inout TestConnection) async throws -> Void,
        configure: (inout GRIPProxyServerConfiguration) -> Void
    ) async throws -> String {
        try await ScriptedOrigin.with(script) { port in
            let (events, source) = AsyncStream.makeStream(of: Void.self)
            let task = try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                configure(&$0)
            } _: { proxy in
                let address = proxy.clients[0]
                let control = proxy.control[0]
                let task = Task {
                    try await withOwnGroup { group in
                        try await withConnection(to: control, on: group) { publisher in
                            try await publisher.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                            #expect(try await publisher.response()?.code == 200)
                            return try await withConnection(to: address, on: group) { client in
                                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                                #expect(try await client.text(upTo: beginning) != nil)
                                source.yield()
                                // Idle connections end when a shutdown begins.
                                #expect(try await publisher.rest() == "")
                                began()
                                return try await client.rest()
                            }
                        }
                    }
                }
                for await _ in events { break }
                return task
            }
            return try await task.value
        }
    }

    private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"

    @Test("A response without an end is cut off when the shutdown is over")
    func cut() async throws {
        let rest = try await self.rest(after: "first\r\n") { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send("\(Self.chunked)\r\n5\r\nfirst\r\n")
            _ = try await connection.rest()
        } configure: {
            $0.timeouts.shutdown = .milliseconds(50)
        }
        #expect(rest == "")
    }

    @Test("What is held ends as it should, however long the drain might be")
    func held() async throws {
        let rest = try await self.rest(after: "[open]\r\n") { connection in
            try await connection.answer(
                "\(Self.chunked)Grip-Hold: stream\r\nGrip-Channel: a\r\n\r\n6\r\n[open]\r\n0\r\n\r\n"
            )
        } configure: {
            $0.timeouts.drain = .seconds(300)
            $0.timeouts.shutdown = .seconds(300)
        }
        #expect(rest == "0\r\n\r\n")
    }

    @Test("A publisher in the middle of a request is disconnected when the shutdown is over")
    func publisher() async throws {
        let (events, source) = AsyncStream.makeStream(of: Void.self)
        let task = try await withProxy {
            $0.timeouts.shutdown = .milliseconds(50)
            $0.timeouts.requestBody = .seconds(300)
        } _: { proxy in
            let address = proxy.control[0]
            let task = Task {
                try await withOwnGroup { group in
                    try await withConnection(to: address, on: group) { connection in
                        try await connection.send(
                            "POST /publish HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\n"
                        )
                        #expect(try await connection.text(upTo: "\r\n\r\n") != nil)
                        source.yield()
                        return try await connection.rest()
                    }
                }
            }
            for await _ in events { break }
            return task
        }
        #expect(try await task.value == "")
    }
}
