import GRIPProxy
import NIOCore
import Testing

/// Origins that code what the proxy has to read, although it asks for it as it is.
@Suite("Answers with a content coding", .timeLimit(.minutes(5)))
struct CodedAnswerTests {
    /// "hello\n", made by `gzip -n` and by Python's `zlib`, and the instructions, the events and the page below.
    private static let codings: [(name: String, hello: String)] = [
        ("gzip", "H4sIAAAAAAAC/8tIzcnJ5wIAIDA6NgYAAAA="),
        ("x-gzip", "H4sIAAAAAAAC/8tIzcnJ5wIAIDA6NgYAAAA="),
        ("deflate", "eJzLSM3JyecCAAhLAh8="),
    ]
    private static let failed = "grip_proxy_bad_instructions_total"

    private static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var (value, bits) = (UInt32(0), 0)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { continue }
            (value, bits) = (value << 6 | UInt32(digit), bits + 6)
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
        }
        return bytes
    }

    /// Runs a proxy before an origin that answers each path with fields and a body.
    private static func withOrigin(
        _ answers: [String: (fields: [String], body: [UInt8])],
        options: String = "",
        _ body: (ProxyScope) async throws -> Void
    ) async throws {
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
                _ = try await connection.bytes(length.flatMap { Int($0.dropFirst(16)) } ?? 0)
                #expect(head.contains("\r\nAccept-Encoding: identity\r\n"))
                let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                let answer = answers[path] ?? ([], [])
                let lines = ["HTTP/1.1 200 OK"] + answer.fields + ["Content-Length: \(answer.body.count)"]
                try await connection.send(Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8) + answer.body)
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)\(options)"]
                $0.isDebugging = true
            } _: {
                try await body($0)
            }
        }
    }

    @Test("The beginning of a stream is decoded, and goes on as it is", arguments: codings)
    func stream(coding: (name: String, hello: String)) async throws {
        let fields = ["Content-Encoding: \(coding.name)", "Grip-Hold: stream", "Grip-Channel: a"]
        try await Self.withOrigin(["/x": (fields, Self.bytes(coding.hello))]) { proxy in
            try await proxy.client { client in
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
                let head = try #require(try await client.text(upTo: "\r\n\r\n"))
                #expect(!head.contains("Content-Encoding"))
                #expect(try await client.text(upTo: "hello\n\r\n") == "6\r\nhello\n\r\n")
                try await proxy.publish(text: "more")
                #expect(try await client.text(upTo: "more\r\n") == "4\r\nmore\r\n")
            }
        }
    }

    @Test("A long poll is answered with a plain item, and a patch of it is applied", arguments: [true, false])
    func longPoll(isPatch: Bool) async throws {
        // {"a":1}
        let body = "H4sIAAAAAAAC/6tWSlSyMqwFAK+sG1YHAAAA"
        let fields = [
            "Content-Encoding: gzip", "Grip-Hold: response", "Grip-Channel: a", "Content-Type: application/json",
        ]
        try await Self.withOrigin(["/x": (fields, Self.bytes(body))]) { proxy in
            try await proxy.client { client in
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                let format =
                    isPatch
                    ? #""http-response":{"body-patch":[{"op":"replace","path":"/a","value":2}]}"#
                    : #""http-response":{"body":"item"}"#
                try await proxy.wait("the hold") {
                    try await proxy.metric("grip_proxy_holds{kind=\"response\"}") == 1
                }
                try await proxy.publish(format)
                let response = try await client.response()
                #expect(response?.fields.contains { $0.hasPrefix("Content-Encoding") } == false)
                #expect(response?.body == (isPatch ? #"{"a":2}"# : "item"))
            }
        }
    }

    @Test("Instructions in JSON are decoded")
    func document() async throws {
        // {"response":{"body":"hi"}}
        let body = "H4sIAAAAAAAC/6tWKkotLsjPK05VsqpWSspPqVSyUsrIVKqtBQBoMy6KGgAAAA=="
        let fields = ["Content-Encoding: gzip", "Content-Type: Application/Grip-Instruct; charset=utf-8"]
        try await Self.withOrigin(["/x": (fields, Self.bytes(body))]) { proxy async throws in
            #expect(try await proxy.get()?.body == "hi")
        }
    }

    @Test("A page of a next link is decoded")
    func page() async throws {
        let hello = Self.bytes(Self.codings[0].hello)
        let answers = [
            "/first": (["Grip-Link: </next>; rel=next"], Array("first\n".utf8)),
            "/next": (["Content-Encoding: gzip"], hello),
        ]
        try await Self.withOrigin(answers) { proxy in
            try await proxy.client { client in
                try await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = try await client.text(upTo: "0\r\n\r\n")
                #expect(text?.hasSuffix("6\r\nfirst\n\r\n6\r\nhello\n\r\n0\r\n\r\n") == true)
            }
        }
    }

    @Test("Events of a WebSocket are decoded")
    func events() async throws {
        // OPEN, and TEXT 2 with "hi".
        let body = "H4sIAAAAAAAC//MPcPXj5QpxjQhRMOLlysjk5QIAD96gXhIAAAA="
        let fields = ["Content-Encoding: gzip", "Content-Type: application/websocket-events"]
        try await Self.withOrigin(["/x": (fields, Self.bytes(body))], options: ",over_http") { proxy in
            try await proxy.client { client async throws in
                #expect(try await client.openWebSocket("/x"))
                #expect(try await client.frame()?.text == "hi")
            }
        }
    }

    @Test(
        "What cannot be decoded is refused, with a reason that names the coding",
        arguments: [
            ("br", "hello", "'br' is not known"), ("gzip, br", "hello", "'gzip, br' is not known"),
            ("gzip", "hello", "not valid gzip"), ("deflate", "hello", "not valid deflate"),
        ]
    )
    func refused(coding: String, body: String, reason: String) async throws {
        let fields = ["Content-Encoding: \(coding)", "Grip-Hold: stream", "Grip-Channel: a"]
        try await Self.withOrigin(["/x": (fields, Array(body.utf8))]) { proxy in
            let response = try await proxy.get()
            #expect(response?.code == 502)
            #expect(response?.body.contains(reason) == true, "\(response?.body ?? "")")
            #expect(try await proxy.metric(Self.failed) == 1)
        }
    }

    @Test("A body that would be very long once it is decoded is refused")
    func bomb() async throws {
        // 200,000 zeros.
        let bomb = """
            eNrtwTEBAAAAwqD1T20Gf6AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgNcADW0AAQ==
            """
        let fields = ["Content-Encoding: deflate", "Grip-Hold: response", "Grip-Channel: a"]
        try await Self.withOrigin(["/x": (fields, Self.bytes(bomb))]) { proxy in
            let response = try await proxy.get()
            #expect(response?.code == 502)
            #expect(response?.body.contains("more than 100000 bytes once its deflate is decoded") == true)
        }
    }
}
