import GRIPNATS
import NIOCore
import TestSupport
import Testing

@Suite("Headers of messages")
struct GRIPNATSHeadersTests {
    @Test func goldenVectors() throws {
        let headers = try GRIPNATSHeaders(
            parsing: ByteBuffer(string: "NATS/1.0\r\nBREAKFAST: donut\r\nbreakfast:eggs\r\nEmpty:\r\nA: b:c \t\r\n\r\n")
        )
        #expect(headers.fields.map(\.name) == ["BREAKFAST", "breakfast", "Empty", "A"])
        #expect(headers.fields.map(\.value) == ["donut", "eggs", "", "b:c"])
        #expect(headers["breakfast"] == "eggs")
        #expect(headers["Breakfast"] == nil)
        #expect(headers.status == nil)
    }

    @Test(
        arguments: [
            ("NATS/1.0 503\r\n\r\n", 503, nil), ("NATS/1.0 503 No Responders \r\n\r\n", 503, "No Responders"),
            ("NATS/1.0\t100\tIdle\r\nA: b\r\n\r\n", 100, "Idle"), ("NATS/1.0 \r\n\r\n", nil, nil),
        ] as [(String, Int?, String?)]
    )
    func statuses(block: String, status: Int?, text: String?) throws {
        let headers = try GRIPNATSHeaders(parsing: ByteBuffer(string: block))
        #expect(headers.status == status)
        #expect(headers.statusText == text)
    }

    @Test(arguments: [
        "", "NATS/1.0", "NATS/1.0\r\n", "NATS/1.0\n\n", "HTTP/1.1 200 OK\r\n\r\n", "NATS/1.0 5\r\n\r\n",
        "NATS/1.0 503x\r\n\r\n", "NATS/1.0\r\nnone\r\n\r\n", "NATS/1.0\r\n: v\r\n\r\n", "NATS/1.0\r\na b: v\r\n\r\n",
        "NATS/1.0\r\nA: b\r\n", "NATS/1.0\r\n\r\nA: b\r\n\r\n", "NATS/1.0\r\nA: b\n\r\n",
    ])
    func malformedOnes(block: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSHeaders(parsing: ByteBuffer(string: block)) }
        #expect(error?.code == .headers)
    }

    @Test(arguments: [
        ("", "v"), ("a:b", "v"), ("a b", "v"), ("é", "v"), ("a\r\n", "v"), ("a", "v\r\nb: c"), ("a", "v\n"),
        ("a", " v"),
        ("a", "v "), ("a", "\u{0}"), ("a", "\tv"),
    ])
    func unsendableOnes(name: String, value: String) {
        var headers = GRIPNATSHeaders()
        let error = #expect(throws: GRIPNATSError.self) { try headers.append(name, value) }
        #expect(error?.code == .headers)
        #expect(headers.isEmpty && headers.block == nil)
    }

    @Test func whatIsSentComesBack() throws {
        var headers = GRIPNATSHeaders()
        try headers.append("Nats-Msg-Id", "1")
        try headers.append("Nats-Msg-Id", "")
        try headers.append("x", "Grüße: 🚀\tund mehr")
        let block = try #require(headers.block)
        #expect(try GRIPNATSHeaders(parsing: block) == headers)
    }

    @Test func thereIsALimit() throws {
        let lines = String(repeating: "A: b\r\n", count: 1001)
        #expect(throws: GRIPNATSError.self) {
            try GRIPNATSHeaders(parsing: ByteBuffer(string: "NATS/1.0\r\n\(lines)\r\n"))
        }
        var headers = GRIPNATSHeaders()
        for _ in 0..<1000 { try headers.append("a", "b") }
        #expect(throws: GRIPNATSError.self) { try headers.append("a", "b") }
    }

    @Test func hostileBlocks() throws {
        var hostile = HostileBytes(
            seed: 8,
            seeds: ["NATS/1.0\r\nA: b\r\n\r\n", "NATS/1.0 503 No\r\nA: b\r\nC: d\r\n\r\n"],
            pieces: ["\r\n", "\r", "\n", ":", " ", "NATS/1.0", "\u{0}", "é", "1", "A: b\r\n"]
        )
        for _ in 0..<20_000 {
            guard let headers = try? GRIPNATSHeaders(parsing: ByteBuffer(bytes: hostile.next())), !headers.isEmpty,
                headers.status == nil, headers.fields.allSatisfy({ $0.value.utf8.allSatisfy { $0 >= 0x20 } })
            else { continue }
            var again = GRIPNATSHeaders()
            for field in headers.fields {
                if field.value.utf8.contains(0x7F) { continue }
                try again.append(field.name, field.value)
            }
            if let block = again.block { #expect(try GRIPNATSHeaders(parsing: block) == again) }
        }
    }
}
