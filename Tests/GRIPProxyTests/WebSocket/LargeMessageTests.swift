import GRIPProxy
import NIOCore
import Testing

/// Messages that the connection to the client takes only in several pieces.
@Suite("Large WebSocket messages", .timeLimit(.minutes(5)))
struct LargeMessageTests {
    @Test("The conversation goes on after them, and ends in order", arguments: [65_535, 65_536, 150_000])
    func closeAfterwards(size: Int) async throws {
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
                let body = try await connection.bytes(length.flatMap { Int($0.dropFirst(16)) } ?? 0)
                // The same events come back.
                let events = body.map { String(buffer: $0) } ?? ""
                try await connection.respond("200 OK", ["Content-Type: application/websocket-events"], events)
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    for _ in 0..<5 {
                        try await client.send(0x1, String(repeating: "x", count: size))
                        #expect(try await client.frame()?.payload.readableBytes == size)
                    }
                    try await client.send(0x8)
                    #expect(try await client.frame()?.opcode == 0x8)
                    #expect(try await client.frame() == nil)
                }
                #expect(try await proxy.metric("grip_proxy_clients_timed_out_total{reason=\"close\"}") == 0)
            }
        }
    }
}
