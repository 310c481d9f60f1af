import GRIPProxy
import NIOCore
import Testing

/// Where the body of an origin's answer ends.
@Suite("The framing of answers of origins", .timeLimit(.minutes(5)))
struct ResponseFramingTests {
    /// Answers a request with bytes, which end with the connection, and returns what the client gets.
    private func answer(
        _ text: String,
        method: String = "GET",
        route: String = ",debug",
        fields: String = ""
    ) async throws -> String {
        let origin = FuzzOrigin { _ in FuzzOrigin.Answer(parts: [Array(text.utf8)], ending: .close) }
        return try await origin.run { port in
            try await withProxy {
                $0.routes = ["*\(route) 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { connection in
                    try await connection.send("\(method) / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
                    return try await connection.rest()
                }
            }
        }
    }

    @Test(
        "A length that is said several times is one",
        arguments: ["Content-Length: 5, 5", "Content-Length: 5\r\nContent-Length: 5", "Content-Length : 5"],
        ["GET", "HEAD"]
    )
    func equalLengths(lines: String, method: String) async throws {
        let body = method == "HEAD" ? "" : "hello"
        let text = try await self.answer("HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n\(body)", method: method)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.split(separator: "Content-Length").count == 2 && text.contains("Content-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n\(body)"))
    }

    @Test("Blanks before a colon are left out", arguments: [" ", "\t", "  "])
    func blankBeforeColon(blank: String) async throws {
        let text = try await self.answer(
            "HTTP/1.1 200 OK\r\nX-A\(blank): b\r\nContent-Length\(blank): 2\r\n\r\nok"
        )
        #expect(text.contains("\r\nX-A: b\r\n"))
        #expect(text.hasSuffix("\r\n\r\nok"))
    }

    @Test("Blanks behind the size of a chunk are of no interest", arguments: ["5 ", "5\t", "5   ;a=b", "0005"])
    func chunkSize(size: String) async throws {
        let text = try await self.answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\nhello\r\n0  \r\n\r\n"
        )
        #expect(text.hasSuffix("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
    }

    @Test(
        "What contradicts itself, or what nobody here takes off, is answered with 502 and a reason",
        arguments: [
            ("Transfer-Encoding: gzip, chunked", "the transfer coding gzip is not supported"),
            ("Transfer-Encoding: x-foo", "the transfer coding x-foo is not supported"),
            ("Transfer-Encoding: chunked, gzip", "the transfer coding gzip is not supported"),
            ("Transfer-Encoding: identity", "the transfer coding identity is not supported"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", "contradict each other"),
            ("Content-Length: 5, 6", "Content-Length is not valid"),
            ("Content-Length: 5\r\nContent-Length: 6", "Content-Length is not valid"),
            ("Content-Length: 99999999999999999999", "Content-Length is too large"),
            ("X: a\r\n b", "a field goes on in the next line"), ("X", "a field is not valid"),
            (": b", "a field is not valid"), ("X: a\u{0}b", "a line has a control character"),
        ]
    )
    func refused(lines: String, reason: String) async throws {
        let answer = "HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        let text = try await self.answer(answer)
        #expect(text.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(text.contains(reason))
        // The same of an answer with events, and of one to a handshake.
        let handshake = """
            Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n
            """
        for route in [",debug", ",debug,over_http"] {
            let target = route.hasSuffix("over_http")
            let answer = try await self.handshake(answer, fields: handshake, isOverHTTP: target)
            #expect(answer.hasPrefix("HTTP/1.1 502 "))
        }
    }

    private func handshake(_ text: String, fields: String, isOverHTTP: Bool) async throws -> String {
        let origin = FuzzOrigin { _ in FuzzOrigin.Answer(parts: [Array(text.utf8)], ending: .close) }
        return try await origin.run { port in
            try await withProxy {
                $0.routes = ["*,debug 127.0.0.1:\(port)\(isOverHTTP ? ",over_http" : "")"]
            } _: { proxy in
                try await proxy.client { connection in
                    try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
                    return try await connection.rest()
                }
            }
        }
    }

    @Test(
        "An answer without a body has no length that could be one's",
        arguments: ["Content-Length: 0", "Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: x"]
    )
    func noContent(lines: String) async throws {
        let text = try await self.answer("HTTP/1.1 204 No Content\r\nX-A: b\r\n\(lines)\r\n\r\n")
        #expect(text == "HTTP/1.1 204 No Content\r\nX-A: b\r\nConnection: close\r\n\r\n")
    }

    @Test("What was not modified may say how long it is")
    func notModified() async throws {
        let text = try await self.answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")
        #expect(text == "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
    }

    @Test("An origin of HTTP/1.0 may send chunks, and is asked no more over that connection")
    func chunksOfHTTP10() async throws {
        let text = try await self.answer(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )
        #expect(text.hasSuffix("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
    }
}
