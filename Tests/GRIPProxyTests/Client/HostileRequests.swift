import TestSupport

/// Clients that nobody means well with.
struct HostileRequests {
    private static let requests = [
        "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /chunked HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        "HEAD /plain HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n",
        "GET /response HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /response HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
        "GET /stream HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 5\r\n\r\n",
        "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /plain HTTP/1.0\r\n\r\n",
        "GET http://a/plain?b=c#d HTTP/1.1\r\nHost: b\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
        "POST /plain HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "GET /plain?callback=cb&_method=POST&_headers=%7B%22A%22:%22b%22%7D&_body=c HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /response?callback=cb HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /plain HTTP/1.1\r\nHost: a\r\nGrip-Sig: a.b.c\r\nX-Forwarded-For: 1.2.3.4\r\nGrip-Feature: x\r\n\r\n",
        "POST /ws HTTP/1.1\r\nHost: a\r\nContent-Type: application/websocket-events\r\nContent-Length: 6\r\n\r\nOPEN\r\n",
        "GET /test/response HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-A\r\nX-A: b\r\nTE: trailers\r\n\r\n",
        "GET /plain HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let handshakes = ["/ws", "/native", "/test/ws"].map { path in
        Array(
            """
            GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """.utf8
        )
    }

    private static let pieces = [
        "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\0", " ", "\t", ":", ";", ",", "\r\n ", "0", "-1", "5",
        "99999999999999999999", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\u{b}chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Content-Length: 5\r\n", "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: 0\r\n",
        "Content-Length: 0x5\r\n", "Host: b\r\n", "Host: \r\n", "Connection: close\r\n", "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n", "Expect: 100-continue\r\n", " HTTP/1.1", " HTTP/0.9", " HTTP/1.10", "HEAD", "GET ",
        "http://", "//", "?", "#", "%00", "%", "*", "é", "\u{7f}", "\u{ff}", "0\r\n\r\n", "ffffffffffffffff\r\n",
        "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let framings = [
        "Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 4\r\nContent-Length: 40", "Content-Length: 4\r\nTransfer-Encoding: xchunked",
        "Content-Length: 4\r\nTransfer-Encoding : chunked", "Content-Length: 4\r\n Transfer-Encoding: chunked",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: 4\nTransfer-Encoding: chunked", "Content-Length: 4\r\nX: y\rTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: CHUNKED", "Content-Length: 4 ", "Content-Length:  4", "Content-Length: 04",
        "Content-Length: -4", "Content-Length: 4a", "Content-Length: 4,4", "Content-Length:\t4", "Content-Length: ",
        "Connection: content-length, transfer-encoding\r\nContent-Length: 4", "Content_Length: 4",
    ]

    private static let chunkSizes = [
        "0", "00", "5", "05", "5 ", " 5", "5;", "5;\"\n\"", "5\t", "+5", "-5", "0x5", "5\n", "g", "",
        "7fffffffffffffff",
        "8000000000000000", "ffffffffffffffff", "10000000000000005", "5;a=\r", "fffffff5",
    ]

    private var input: HostileBytes

    init(seed: UInt64) { self.input = HostileBytes(seed: seed, seeds: Self.requests, pieces: Self.pieces) }

    private mutating func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self.input.generator) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[self.random(0..<elements.count)]
    }

    // MARK: Scripts

    mutating func next() -> ClientScript {
        if self.random(0..<4) == 0 { return self.webSocket() }
        var steps = self.sends(self.bytes())
        switch self.random(0..<10) {
        case 0: steps.append(.leave)
        case 1, 2, 3: steps += [.stay, .finish]
        case 4, 5: steps += [.receive, .finish]
        case 6: steps += [.receive, .leave]
        default: steps.append(.finish)
        }
        return ClientScript(steps: steps)
    }

    /// The bytes, all at once or in parts.
    private mutating func sends(_ bytes: [UInt8]) -> [ClientScript.Step] {
        var steps: [ClientScript.Step] = []
        var rest = bytes[...]
        for _ in 0..<max(0, self.random(-2..<4)) {
            let count = self.random(0..<(rest.count + 1))
            steps.append(.send(Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return steps + [.send(Array(rest))]
    }

    // MARK: Requests

    /// What a client sends that asks for no WebSocket.
    mutating func bytes() -> [UInt8] {
        switch self.random(0..<12) {
        case 0: return self.pipeline()
        case 1: return self.truncated()
        case 2: return self.spliced()
        case 3: return self.flipped()
        case 4: return self.withOtherLineEnds()
        case 5: return self.oversized()
        case 6, 7: return self.smuggling()
        case 8: return self.chunked()
        default: return self.input.next()
        }
    }

    private mutating func pipeline() -> [UInt8] { (0...self.random(0..<4)).flatMap { _ in self.pick(Self.requests) } }

    private mutating func truncated() -> [UInt8] {
        let bytes = self.pipeline()
        return Array(bytes.prefix(self.random(0..<bytes.count)))
    }

    private mutating func spliced() -> [UInt8] { self.truncated() + self.pipeline().suffix(self.random(0..<120)) }

    private mutating func flipped() -> [UInt8] {
        var bytes = self.pipeline()
        for _ in 0...self.random(0..<8) { bytes[self.random(0..<bytes.count)] ^= 1 << UInt8(self.random(0..<8)) }
        return bytes
    }

    private mutating func withOtherLineEnds() -> [UInt8] {
        let ends = ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", " \r\n", "\r\n\t", "\0\r\n"]
        let isOften = self.random(0..<2) == 0
        let lines = self.pipeline().split(separator: 0x0A, omittingEmptySubsequences: false)
        return Array(
            lines.map { line -> [UInt8] in
                guard line.last == 0x0D else { return Array(line) }
                let isChanged = self.random(0..<(isOften ? 2 : 8)) == 0
                return line.dropLast() + Array((isChanged ? self.pick(ends) : "\r\n").utf8)
            }.joined()
        )
    }

    private mutating func oversized() -> [UInt8] {
        let long = String(repeating: "a", count: self.pick([16_000, 17_000, 70_000, 100_000]))
        let many = (0..<self.pick([100, 127, 129, 3000])).map { "x\($0): y\r\n" }.joined()
        return Array(
            self.pick([
                "GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n", "GET /plain HTTP/1.1\r\nHost: \(long)\r\n\r\n",
                "GET /plain HTTP/1.1\r\nHost: a\r\n\(long): b\r\n\r\n", "\(long) /plain HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /plain HTTP/1.1\r\nHost: a\r\nb: \(long)\r\n\r\n", "GET /plain HTTP/1.1\r\nHost: a\r\n\(many)\r\n",
                "POST /response HTTP/1.1\r\nHost: a\r\nContent-Length: \(long.utf8.count)\r\n\r\n\(long)",
                "POST /plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\(long)\r\nb\r\n0\r\n\r\n",
                "POST /plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(many)\r\n",
            ]).utf8
        )
    }

    private mutating func smuggling() -> [UInt8] {
        let inner = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let method = self.pick(["POST", "GET", "HEAD", "OPTIONS"])
        let version = self.pick(["1.1", "1.1", "1.0"])
        let head = "\(method) /plain HTTP/\(version)\r\nHost: a\r\n\(self.pick(Self.framings))\r\n\r\n"
        let body = self.pick(["0\r\n\r\n", "5c\r\n", "abcd", "1\r\na\r\n0\r\n\r\n", "0\r\n", ""])
        return Array((head + body + inner).utf8) + (self.random(0..<2) == 0 ? [] : self.pipeline())
    }

    private mutating func chunked() -> [UInt8] {
        var text = "POST /plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        for _ in 0...self.random(0..<3) { text += "\(self.pick(["5", "5", self.pick(Self.chunkSizes)]))\r\nhello\r\n" }
        text += self.pick([
            "0\r\n\r\n", "0\r\nx: y\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\n\0\r\n\r\n", "0\n\n",
        ])
        return Array(text.utf8) + self.pick(Self.requests)
    }

    // MARK: WebSockets

    private mutating func webSocket() -> ClientScript {
        var handshake = self.pick(Self.handshakes)
        if self.random(0..<6) == 0 { self.input.mutate(&handshake) }
        var frames = HostileFrames(seed: self.input.generator.next(), isMasked: true)
        let bytes = frames.next()
        var steps: [ClientScript.Step]
        switch self.random(0..<4) {
        case 0: steps = self.sends(handshake + bytes)
        default: steps = [.send(handshake), .receive] + self.sends(bytes)
        }
        switch self.random(0..<8) {
        case 0: steps.append(.leave)
        case 1, 2, 3: steps += [.stay, .finish]
        default: steps.append(.finish)
        }
        return ClientScript(steps: steps)
    }
}
