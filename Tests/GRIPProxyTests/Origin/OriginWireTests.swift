import GRIPProxy
import NIOCore
import Synchronization
import Testing

/// What goes to an origin and what comes back, byte by byte.
@Suite("Requests to origins and their answers as bytes", .timeLimit(.minutes(5)))
struct OriginWireTests {
    /// Runs a proxy with one loop's worth of clients before an origin.
    private func withOrigin<Result>(
        _ script: @escaping @Sendable (inout TestConnection) async throws -> Void,
        _ body: (ProxyScope) async throws -> Result
    ) async throws -> Result {
        try await ScriptedOrigin.with(script) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: {
                try await body($0)
            }
        }
    }

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("Answers that are plain and answers that are not take turns on one connection")
    func turns() async throws {
        let connections = Atomic<Int>(0)
        let answers = [
            Self.ok, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\(Self.ok)", Self.ok,
            "HTTP/1.1 200 OK\r\nContent-Length:\t2\r\n\r\nok", Self.ok,
        ]
        try await self.withOrigin {
            connections.add(1, ordering: .relaxed)
            for answer in answers {
                guard try await $0.text(upTo: "\r\n\r\n") != nil else { return }
                try await $0.send(answer)
            }
        } _: { proxy in
            try await proxy.client { client in
                for answer in answers {
                    try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                    let head = try #require(try await client.text(upTo: "\r\n\r\n"))
                    #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
                    if head.contains("chunked") {
                        #expect(try await client.text(upTo: "0\r\n\r\n") == "2\r\nok\r\n0\r\n\r\n")
                    } else {
                        #expect(try await client.text(upTo: "ok") == "ok")
                    }
                }
            }
        }
        #expect(connections.load(ordering: .relaxed) == 1)
    }

    @Test(
        "An answer may come in pieces, cut anywhere",
        arguments: [
            [1], [8, 9], [15, 17], [30, 36, 38], [38], [39], [17, 39], Array(1..<40),
        ]
    )
    func pieces(cuts: [Int]) async throws {
        let text = "HTTP/1.1 299 So\r\nContent-Length: 4\r\n\r\nbody"
        let answer = try await self.withOrigin {
            // Each piece is sent when the one before is, and may still come together with it.
            guard try await $0.text(upTo: "\r\n\r\n") != nil else { return }
            let bytes = Array(text.utf8)
            for (start, end) in zip([0] + cuts, cuts + [bytes.count]) { try await $0.send(Array(bytes[start..<end])) }
            _ = try await $0.rest()
        } _: {
            try await $0.get()
        }
        #expect(answer?.code == 299)
        #expect(answer?.body == "body")
    }

    @Test("What follows an answer is the answer to nothing, and the connection is not used again")
    func surplus() async throws {
        let connections = Atomic<Int>(0)
        let answers = try await self.withOrigin {
            connections.add(1, ordering: .relaxed)
            guard try await $0.text(upTo: "\r\n\r\n") != nil else { return }
            try await $0.send(Self.ok + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")
            _ = try await $0.rest()
        } _: { proxy in
            try await proxy.client { client in
                var answers: [String?] = []
                for _ in 0..<3 {
                    try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                    answers.append(try await client.response()?.body)
                }
                return answers
            }
        }
        #expect(answers == ["ok", "ok", "ok"])
        #expect(connections.load(ordering: .relaxed) == 3)
    }

    @Test("An origin that ends within a body ends the client's response, which is not whole")
    func truncated() async throws {
        let text = try await self.withOrigin {
            guard try await $0.text(upTo: "\r\n\r\n") != nil else { return }
            try await $0.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                return try await client.rest()
            }
        }
        #expect(text.hasSuffix("Content-Length: 10\r\n\r\nhalf") || text.hasPrefix("HTTP/1.1 502 "))
    }

    @Test(
        "A request says how long its body is",
        arguments: [
            ("GET /a HTTP/1.1\r\nHost: b\r\nX-Y: z\r\n\r\n", "GET /a HTTP/1.1\r\nHost: b\r\nX-Y: z\r\n", ""),
            ("DELETE /a HTTP/1.1\r\nHost: b\r\n\r\n", "DELETE /a HTTP/1.1\r\nHost: b\r\n", ""),
            ("POST /a HTTP/1.1\r\nHost: b\r\n\r\n", "POST /a HTTP/1.1\r\nHost: b\r\n", "Content-Length: 0\r\n"),
            (
                "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello", "POST /a HTTP/1.1\r\nHost: b\r\n",
                "Content-Length: 5\r\n"
            ),
            (
                "PUT /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "PUT /a HTTP/1.1\r\nHost: b\r\n", "Transfer-Encoding: chunked\r\n"
            ),
        ]
    )
    func requests(request: String, beginning: String, length: String) async throws {
        let head = Mutex("")
        let body = Mutex("")
        try await self.withOrigin { connection in
            guard let text = try await connection.text(upTo: "\r\n\r\n") else { return }
            head.withLock { $0 = text }
            if length.contains("chunked") {
                let text = try await connection.text(upTo: "0\r\n\r\n") ?? ""
                body.withLock { $0 = text }
            } else if length.contains("5") {
                let text = try await connection.bytes(5).map { String(buffer: $0) } ?? ""
                body.withLock { $0 = text }
            }
            try await connection.send(Self.ok)
            _ = try await connection.rest()
        } _: { proxy in
            try await proxy.client { client in
                try await client.send(request)
                #expect(try await client.response()?.body == "ok")
            }
        }
        let text = head.withLock { $0 }
        #expect(text.hasPrefix(beginning))
        #expect(text.hasSuffix("\(length)\r\n"))
        #expect(text.count(of: "Content-Length") + text.count(of: "Transfer-Encoding") == (length.isEmpty ? 0 : 1))
        let expected = length.contains("chunked") ? "5\r\nhello\r\n0\r\n\r\n" : length.contains("5") ? "hello" : ""
        #expect(body.withLock { $0 } == expected)
    }

    @Test("A body that is longer than what goes out with the head comes whole")
    func long() async throws {
        let body = String(repeating: "0123456789", count: 20_000)
        let received = Mutex("")
        try await self.withOrigin { connection in
            guard try await connection.text(upTo: "\r\n\r\n") != nil else { return }
            let text = try await connection.bytes(body.utf8.count).map { String(buffer: $0) } ?? ""
            received.withLock { $0 = text }
            try await connection.send(Self.ok)
            _ = try await connection.rest()
        } _: { proxy in
            try await proxy.client { client in
                let head = "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                try await client.send(head + body)
                #expect(try await client.response()?.body == "ok")
            }
        }
        #expect(received.withLock { $0 } == body)
    }
}

extension String {
    /// How often it contains a text.
    fileprivate func count(of text: String) -> Int {
        self.split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
