import GRIP
import GRIPProxy
import NIOCore
import Testing

/// Bytes that nobody sends on purpose.
@Suite("Hostile bytes to the control API", .timeLimit(.minutes(5)))
struct ControlSocketFuzzTests {
    private static let seeds = [
        "POST /publish/ HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{\"items\":[]}",
        "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\nGET /connections/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /publish HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HEAD /channels/%41?limit=1 HTTP/1.0\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n",
        "DELETE /connections/1 HTTP/1.1\r\nPrefer: return=representation\r\nContent-Length: 3\r\n\r\nabc",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    ]

    private static func input(_ generator: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            bytes += Array((Self.seeds.randomElement(using: &generator) ?? "").utf8)
        }
        for _ in 0..<Int.random(in: 0...6, using: &generator) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: position)
            case 2: bytes.insert(Array("\r\n:; \u{0}0").randomElement(using: &generator)?.asciiValue ?? 0, at: position)
            default: bytes.removeLast(bytes.count - position)
            }
        }
        return bytes
    }

    @Test("1,000 inputs get answers or none, and the next publisher is served")
    func inputs() async throws {
        var generator = SplitMix64(seed: 77)
        var inputs: [[UInt8]] = []
        for _ in 0..<1000 { inputs.append(Self.input(&generator)) }
        try await withProxy { proxy in
            var answered = 0
            for input in inputs {
                let text = try await proxy.publisher { connection in
                    do {
                        try await connection.send(input)
                        try await connection.finish()
                    } catch {
                        // The connection was ended before all was sent.
                    }
                    return try await connection.rest()
                }
                #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 "))
                if !text.isEmpty { answered += 1 }
            }
            #expect(answered > 500)
            try await proxy.publisher { connection in
                try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = try #require(try await connection.response()?.body)
                #expect(text.contains("grip_proxy_control_connections 1\n"))
            }
        }
    }
}
