import GRIPProxy
import Synchronization
import Testing

/// Where the body of a request ends.
@Suite("The framing of requests", .timeLimit(.minutes(5)))
struct RequestFramingTests {
    /// Sends a request to a proxy, and returns what comes back and what reaches the origin.
    private func exchange(_ request: String) async throws -> (text: String, requests: [String]) {
        let bodies = Mutex<[String]>([])
        let origin = FuzzOrigin { request in
            bodies.withLock { $0.append("\(request.target) \(String(decoding: request.body, as: UTF8.self))") }
            return FuzzOrigin.Answer(parts: [Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)])
        }
        let text = try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { connection in
                    try await connection.send(request)
                    try await connection.finish()
                    return try await connection.rest()
                }
            }
        }
        #expect(origin.mistakes == [])
        return (text, bodies.withLock { $0 })
    }

    private static let inner = "GET /b HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("White space around a length does not make the body another request", arguments: ["28 ", "\t28"])
    func space(length: String) async throws {
        let head = "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length:\(length)\r\n\r\n"
        let answer = try await self.exchange(head + Self.inner)
        #expect(answer.text.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.requests == ["/a \(Self.inner)"])
    }

    @Test("A length that no number holds is refused", arguments: ["9223372036854775808", "18446744073709551615"])
    func long(length: String) async throws {
        let head = "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
        let answer = try await self.exchange(head + Self.inner)
        #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.requests == [])
    }
}
