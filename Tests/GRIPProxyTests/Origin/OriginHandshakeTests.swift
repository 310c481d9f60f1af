import GRIPProxy
import Testing

/// The beginning of a WebSocket to an origin.
@Suite("The handshake with an origin", .timeLimit(.minutes(5)))
struct OriginHandshakeTests {
    @Test("Frames that come with the client's handshake reach an origin that accepts it")
    func earlyFrames() async throws {
        let origin = FuzzOrigin { _ in
            let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            return FuzzOrigin.Answer(parts: [Array(head.utf8)], ending: .echo)
        }
        let handshake = """
            GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        let frames = ["one", "two"].flatMap { FuzzFrame.bytes(0x81, Array($0.utf8), mask: [1, 2, 3, 4]) }
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { connection in
                    try await connection.send(Array(handshake.utf8) + frames)
                    let head = try #require(try await connection.text(upTo: "\r\n\r\n"))
                    #expect(head.hasPrefix("HTTP/1.1 101 "))
                    #expect(try await connection.text(upTo: "\u{3}one") != nil)
                    #expect(try await connection.text(upTo: "\u{3}two") != nil)
                }
            }
        }
    }
}
