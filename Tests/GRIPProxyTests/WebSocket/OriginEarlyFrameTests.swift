import GRIPProxy
import Testing

@Suite("WebSocket frames that come with the answer of an origin", .timeLimit(.minutes(5)))
struct OriginEarlyFrameTests {
    private static let tooLong: [UInt8] = [0x82, 6] + Array("pppppp".utf8)
    private static let reserved: [UInt8] = [0x83, 0]
    private static let masked: [UInt8] = [0x82, 0x80, 0, 0, 0, 0]
    private static let close: [UInt8] = [0x88, 2, 3, 0xE8]

    @Test("What an origin sends right after its 101 may need an answer", arguments: [tooLong, reserved, masked, close])
    func origin(frame: [UInt8]) async throws {
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send(Array(OriginHandshake.accepted.utf8) + frame)
            answer.yield(try await !connection.rest().isEmpty)
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.webSocketResponse = 5
                $0.timeouts.webSocketClose = .seconds(1)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(OriginHandshake.request)
                    #expect(try await client.response()?.code == 101)
                    _ = try await client.rest()
                }
                var iterator = answers.makeAsyncIterator()
                let isAnswered = await iterator.next(isolation: #isolation)
                #expect(isAnswered == (frame != Self.close))
            }
        }
    }

}
