import GRIPProxy
import Synchronization
import Testing

/// What the first line of a request may say.
@Suite("Methods and targets", .timeLimit(.minutes(5)))
struct RequestTargetTests {
    /// Sends a request to a proxy, whole or byte by byte, and returns what comes back and what reaches the origin.
    private func exchange(_ request: String, isCut: Bool = false) async throws -> (text: String, lines: [String]) {
        let lines = Mutex<[String]>([])
        let origin = FuzzOrigin { request in
            lines.withLock { $0.append("\(request.method) \(request.target)") }
            return FuzzOrigin.Answer(parts: [Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)])
        }
        let text = try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { connection in
                    for piece in isCut ? request.utf8.map({ [$0] }) : [Array(request.utf8)] {
                        try await connection.send(piece)
                    }
                    try await connection.finish()
                    return try await connection.rest()
                }
            }
        }
        #expect(origin.mistakes == [])
        return (text, lines.withLock { $0 })
    }

    @Test(
        "Any token is a method, and reaches the origin as it is",
        arguments: [
            "LIST", "BAN", "VERSION-CONTROL", "M-SEARCH", "get", "Get", "GETS", "QUERY", "SOURCE", "BASELINE-CONTROL",
            "!#$%&'*+-.^_`|~09Az", "X",
        ],
        [false, true]
    )
    func method(method: String, isCut: Bool) async throws {
        let request = "\(method) /a HTTP/1.1\r\nHost: a\r\n\r\n"
        let body = "\(method) /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        let answer = try await self.exchange(request + body + request, isCut: isCut)
        #expect(answer.lines == ["\(method) /a", "\(method) /b", "\(method) /a"])
        #expect(answer.text.hasPrefix("HTTP/1.1 200 "))
    }

    @Test("What cannot be passed on is refused by name", arguments: [false, true])
    func connect(isCut: Bool) async throws {
        let answer = try await self.exchange("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", isCut: isCut)
        #expect(answer.text.hasPrefix("HTTP/1.1 501 Not Implemented\r\n"))
        #expect(answer.text.contains("The method CONNECT is not supported."))
        #expect(answer.lines == [])
    }

    @Test("Another version of HTTP is refused by name", arguments: ["HTTP/2.0", "HTTP/0.9", "HTTP/3.1"])
    func version(version: String) async throws {
        let answer = try await self.exchange("GET / \(version)\r\nHost: a\r\n\r\n")
        #expect(answer.text.hasPrefix("HTTP/1.1 505 "))
        #expect(answer.text.contains("\(version) is not supported"))
    }

    @Test("A later version of HTTP/1 is taken for HTTP/1.1")
    func minorVersion() async throws {
        let answer = try await self.exchange("GET /a HTTP/1.2\r\nHost: a\r\n\r\n")
        #expect(answer.lines == ["GET /a"])
    }

    @Test(
        "What is no target is refused",
        arguments: [
            "/a#b", "/#", "http://a/#b", "http:///x", "http://", "http://?x", "http:/x", "//a b", "a", "http://u@a/",
            "ftp://a/", "/\u{e9}", "", "/a  HTTP/1.1 ",
        ],
        [false, true]
    )
    func target(target: String, isCut: Bool) async throws {
        let answer = try await self.exchange("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", isCut: isCut)
        #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.lines == [])
    }
}
