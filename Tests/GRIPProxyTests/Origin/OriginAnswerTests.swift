import GRIPProxy
import Testing

/// Answers of origins that are no responses.
@Suite("Answers of origins", .timeLimit(.minutes(5)))
struct OriginAnswerTests {
    private static let handshake = """
        GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
        """

    /// Answers a request with bytes, and returns what the client gets.
    private func answer(_ request: String, with text: String, route: String = "") async throws -> String {
        let origin = FuzzOrigin { _ in FuzzOrigin.Answer(parts: [Array(text.utf8)], ending: .close) }
        return try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)\(route)"]
            } _: { proxy in
                try await proxy.client { connection in
                    try await connection.send(request)
                    return try #require(try await connection.text(upTo: "\r\n\r\n"))
                }
            }
        }
    }

    @Test("A change of the protocol that nobody has asked for does not reach the client")
    func unaskedUpgrade() async throws {
        let answer = try await self.answer(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            with: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n"
        )
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
    }

    @Test("A status that is none refuses a WebSocket", arguments: ["", ",over_http"])
    func statusOfHandshake(route: String) async throws {
        let text = "HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n"
        #expect(try await self.answer(Self.handshake, with: text, route: route).hasPrefix("HTTP/1.1 502 "))
    }
}
