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

    @Test(
        "A length that is said several times is one",
        arguments: ["Content-Length: 5, 5", "Content-Length: 5\r\nContent-Length: 5", "content-length:5 ,\t05"]
    )
    func equalLengths(lines: String) async throws {
        let answer = try await self.exchange("POST /a HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\nhello" + Self.inner)
        #expect(answer.requests == ["/a hello", "/b "])
        #expect(answer.text.hasPrefix("HTTP/1.1 200 "))
    }

    @Test(
        "Lengths that contradict each other are refused with a reason",
        arguments: [
            "Content-Length: 5, 6", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5,", "Content-Length: ",
            "Content-Length: +5", "Content-Length: 0x5", "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: ", "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding : chunked", "Transfer-Encoding: chunked;a=b",
        ]
    )
    func contradiction(lines: String) async throws {
        let answer = try await self.exchange(
            "POST /a HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )
        #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.text.contains("The request is not valid HTTP: "))
        #expect(answer.requests == [])
    }

    @Test(
        "A coding that the proxy does not take off is refused by name",
        arguments: ["gzip, chunked", "gzip", "chunked, gzip", "x-y;q=1, chunked", "identity", "GZIP,chunked"]
    )
    func coding(codings: String) async throws {
        let answer = try await self.exchange(
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(codings)\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )
        #expect(answer.text.hasPrefix("HTTP/1.1 501 Not Implemented\r\n"))
        #expect(answer.text.contains("Connection: close\r\n"))
        let name = codings.lowercased().split(separator: ",").map { $0.filter { $0 != " " } }
            .first { $0 != "chunked" }?.prefix { $0 != ";" }
        #expect(answer.text.lowercased().contains("the transfer coding \(name ?? "?") is not supported"))
        #expect(answer.requests == [])
    }

    @Test("Codings are none of a client of HTTP/1.0")
    func codingOfHTTP10() async throws {
        let answer = try await self.exchange(
            "POST /a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )
        #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.requests == [])
    }

    @Test(
        "Blanks behind the size of a chunk are of no interest",
        arguments: ["5 ", "5\t ", "5 ;a=b", "005", "5;a=\"b c\""]
    )
    func chunkSize(size: String) async throws {
        let answer = try await self.exchange(
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n\(size)\r\nhello\r\n0 \r\n\r\n"
                + Self.inner
        )
        #expect(answer.requests == ["/a hello", "/b "])
    }

    @Test(
        "A chunk that is none is refused before its request is whole",
        arguments: ["g", "", " 5", "-5", "+5", "0x5", "5 x", "8000000000000000", "fffffffffffffffff", "5;\u{0}", "5\n"]
    )
    func badChunk(size: String) async throws {
        let answer = try await self.exchange(
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\nhello\r\n0\r\n\r\n"
        )
        #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.requests == [])
    }

    @Test("Extensions of chunks may be as long as the content and a head, and no longer")
    func extensions() async throws {
        let head = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let signed = "5;chunk-signature=\(String(repeating: "0", count: 64))\r\nhello\r\n"
        let signatures = try await self.exchange(head + String(repeating: signed, count: 100) + "0\r\n\r\n")
        #expect(signatures.requests == ["/a \(String(repeating: "hello", count: 100))"])
        let many = try await self.exchange(head + String(repeating: signed, count: 300) + "0\r\n\r\n")
        #expect(many.text.hasPrefix("HTTP/1.1 400 ") && many.text.contains("the extensions of chunks are too long"))
        let long = try await self.exchange(head + "5;\(String(repeating: "x", count: 20_000))\r\nhello\r\n0\r\n\r\n")
        #expect(long.text.hasPrefix("HTTP/1.1 400 ") && long.text.contains("the extensions of chunks are too long"))
    }

    @Test("A few empty lines before a request are left out, and many refused")
    func emptyLines() async throws {
        let few = try await self.exchange("\r\n\r\n" + Self.inner + "\r\n" + Self.inner)
        #expect(few.requests == ["/b ", "/b "])
        let many = try await self.exchange(String(repeating: "\r\n", count: 100) + Self.inner)
        #expect(many.text.hasPrefix("HTTP/1.1 400 ") && many.text.contains("too many empty lines"))
        #expect(many.requests == [])
    }
}
