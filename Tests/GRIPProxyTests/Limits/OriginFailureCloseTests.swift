import GRIPProxy
import NIOCore
import Testing

@Suite("How a WebSocket ends when its origin fails", .timeLimit(.minutes(5)))
struct OriginFailureCloseTests {
    /// Opens a WebSocket over HTTP whose origin answers the first message in some way.
    private static func open(
        _ answer: @escaping @Sendable (inout TestConnection) async throws -> Void,
        _ body: (inout TestConnection) async throws -> Void
    ) async throws {
        try await withServer { connection in
            var isOpen = false
            while let head = try await connection.requestHead() {
                let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
                _ = try await connection.bytes(length.flatMap { Int($0.dropFirst(16)) } ?? 0)
                guard !isOpen else { return try await answer(&connection) }
                isOpen = true
                try await connection.respond("200 OK", ["Content-Type: application/websocket-events"], "OPEN\r\n")
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                // The script answers one connection after the other.
                $0.timeouts.originReuse = .seconds(60)
                $0.timeouts.originIdle = .seconds(60)
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await client.send(0x1, "message")
                    try await body(&client)
                }
            }
        }
    }

    @Test(
        "An origin that answers events with an error closes the WebSocket, with 1009 when they are too large",
        arguments: [
            ("413 Content Too Large", 1009), ("500 Internal Server Error", 1011), ("404 Not Found", 1011),
            ("204 No Content", 1011),
        ] as [(String, UInt16)]
    )
    func status(status: String, code: UInt16) async throws {
        try await Self.open { connection in
            try await connection.respond(status)
            _ = try await connection.rest()
        } _: { client async throws in
            #expect(try await client.frame()?.closeCode == code)
            #expect(try await client.frame() == nil)
        }
    }

    @Test("So does an origin that does not answer, or with something else than events")
    func noAnswer() async throws {
        try await Self.open { _ in
        } _: { client async throws in
            #expect(try await client.frame()?.closeCode == 1011)
        }
        try await Self.open { connection in
            try await connection.respond("200 OK", ["Content-Type: text/html"], "x")
            _ = try await connection.rest()
        } _: { client async throws in
            #expect(try await client.frame()?.closeCode == 1011)
        }
    }

    @Test("The built-in test origin takes messages as large as clients may send", arguments: [150_000, 200_000])
    func testOrigin(size: Int) async throws {
        try await withProxy {
            $0.routes = ["* test"]
        } _: { proxy in
            try await proxy.client { client in
                #expect(try await client.openWebSocket("/ws"))
                for _ in 0..<3 { try await client.send(0x2, [UInt8](repeating: 7, count: size)) }
                for _ in 0..<3 { #expect(try await client.frame()?.payload.readableBytes == size) }
            }
        }
    }
}
