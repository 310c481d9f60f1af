import GRIPProxy
import Testing

/// Values are bytes that mean nothing to a proxy (RFC 9110 section 5.5).
@Suite("Values of fields outside UTF-8", .timeLimit(.minutes(5)))
struct OpaqueValueTests {
    /// Latin-1, the beginning of a character, bytes that are in no text, UTF-8.
    static let values: [[UInt8]] = [
        Array("caf".utf8) + [0xE9], [0xC3], [0xC3, 0x28, 0xFF, 0xFE, 0x80],
        Array("\"".utf8) + [0xA0, 0xB7, 0x22],
        Array("café €".utf8),
    ]

    private static func line(_ name: String, _ value: [UInt8]) -> [UInt8] {
        Array("\(name): ".utf8) + value + Array("\r\n".utf8)
    }

    private static func request(_ start: String, _ value: [UInt8], _ rest: String = "") -> [UInt8] {
        Array("\(start)\r\nHost: a\r\n".utf8) + Self.line("X-Value", value) + Array("\(rest)\r\n".utf8)
    }

    @Test(
        "They pass unchanged in requests",
        arguments: values,
        ["GET / HTTP/1.1", "OPTIONS / HTTP/1.0"]
    )
    func requests(value: [UInt8], start: String) async throws {
        let passage = try await Passage.of(Self.request(start, value, "Connection: close\r\n"))
        let asked = try #require(passage.askedBytes.first)
        #expect(asked.firstRange(of: Self.line("X-Value", value)) != nil, "\(passage.asked)")
    }

    @Test("They pass unchanged in trailers", arguments: values)
    func trailers(value: [UInt8]) async throws {
        let head =
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        let request = Array(head.utf8) + Self.line("X-Value", value) + Array("\r\n".utf8)
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        let passage = try await Passage.of(
            request,
            answer: Array(answer.utf8) + Self.line("X-Value", value) + Array("\r\n".utf8)
        )
        let asked = try #require(passage.askedBytes.first)
        #expect(asked.firstRange(of: Self.line("X-Value", value)) != nil, "\(passage.asked)")
        #expect(
            passage.answeredBytes.firstRange(of: Self.line("X-Value", value)) != nil,
            "\(passage.answered)"
        )
    }

    @Test(
        "They pass unchanged in answers",
        arguments: values,
        ["Content-Length: 2\r\n\r\nok", "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"]
    )
    func answers(value: [UInt8], rest: String) async throws {
        let answer = Array("HTTP/1.1 200 OK\r\n".utf8) + Self.line("X-Value", value) + Array(rest.utf8)
        let passage = try await Passage.of(
            Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8),
            answer: answer
        )
        #expect(
            passage.answeredBytes.firstRange(of: Self.line("X-Value", value)) != nil,
            "\(passage.answered)"
        )
    }

    @Test("They pass unchanged with instructions", arguments: values)
    func instructions(value: [UInt8]) async throws {
        let answer =
            Array("HTTP/1.1 200 OK\r\nGrip-Status: 201\r\n".utf8) + Self.line("X-Value", value)
            + Array("Content-Length: 2\r\n\r\nok".utf8)
        let passage = try await Passage.of(
            Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8),
            answer: answer
        )
        #expect(
            passage.answeredBytes.firstRange(of: Self.line("X-Value", value)) != nil,
            "\(passage.answered)"
        )
    }

    @Test(
        "They pass unchanged in handshakes and their refusals",
        arguments: values,
        ["", ",over_http"]
    )
    func handshakes(value: [UInt8], target: String) async throws {
        let fields =
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        let refusal =
            Array("HTTP/1.1 403 Forbidden\r\n".utf8) + Self.line("X-Value", value)
            + Array("Content-Length: 0\r\n\r\n".utf8)
        let passage = try await Passage.of(
            Self.request("GET / HTTP/1.1", value, fields),
            routes: ["* ORIGIN\(target)"],
            answer: refusal
        )
        let asked = try #require(passage.askedBytes.first)
        #expect(asked.firstRange(of: Self.line("X-Value", value)) != nil, "\(passage.asked)")
        #expect(
            passage.answeredBytes.firstRange(of: Self.line("X-Value", value)) != nil,
            "\(passage.answered)"
        )
    }
}
