import GRIPProxy
import NIOCore
import Testing

/// Frames that come together with the handshake, when neither connection is used to frames yet.
@Suite("WebSocket frames that come with the handshake", .timeLimit(.minutes(5)))
struct EarlyFrameTests {
    private static let accept = """
        HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Extensions: grip; message-prefix=""\r\n\r\n
        """

    private static func run(
        _ serve: @escaping @Sendable (inout TestConnection) async throws -> Void,
        _ body: (inout TestConnection) async throws -> Void
    ) async throws {
        try await withServer { connection in
            _ = try await connection.requestHead()
            try await serve(&connection)
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { try await body(&$0) }
            }
        }
    }

    @Test("An origin may detach itself at once")
    func origin() async throws {
        try await Self.run { connection in
            let message = #"c:{"type":"detach"}"#
            let frame = [0x81, UInt8(message.utf8.count)] + Array(message.utf8)
            try await connection.send(Array(Self.accept.utf8) + frame)
            #expect(try await connection.frame()?.opcode == 0x8)
            try await connection.send(0x8, masked: false)
        } _: { client in
            #expect(try await client.openWebSocket("/"))
            try await client.send(0x9, "ping")
            #expect(try await client.frame()?.opcode == 0xA)
        }
    }

    @Test("A client may send messages before it has the answer")
    func client() async throws {
        try await Self.run { connection in
            try await connection.send(Self.accept)
            #expect(try await connection.frame()?.text == "early")
            try await connection.send(0x1, "late", masked: false)
            _ = try await connection.rest()
        } _: { client in
            let frame: [UInt8] = [0x81, 0x85, 0, 0, 0, 0] + Array("early".utf8)
            try await client.requestWebSocket("/", followedBy: frame)
            #expect(try await client.text(upTo: "\r\n\r\n")?.hasPrefix("HTTP/1.1 101 ") == true)
            #expect(try await client.frame()?.text == "late")
            try await client.send(0x8)
        }
    }

    @Test(
        "A handshake with a body is refused: its bytes would be taken for frames",
        arguments: [("Content-Length: 5", 400), ("Transfer-Encoding: chunked", 400), ("Content-Length: 0", 101)]
    )
    func body(field: String, code: Int) async throws {
        try await Self.run { connection in
            try await connection.send(Self.accept)
            _ = try await connection.rest()
        } _: { client in
            try await client.send(
                """
                GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\(field)\r\n\r\n
                """
            )
            #expect(try await client.text(upTo: "\r\n\r\n")?.hasPrefix("HTTP/1.1 \(code) ") == true)
        }
    }
}
