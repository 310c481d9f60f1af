import TestSupport

/// Answers of an origin that means nobody well.
struct HostileResponses {
    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\nSet-Cookie: c\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\n\r\nuntil the end", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 204 No Content\r\nETag: \"a\"\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 599 W\u{e9}ird\r\nContent-Length: 2\r\nConnection: close, X-A\r\nX-A: b\r\nKeep-Alive: a\r\n\r\nno",
        "HTTP/1.1 200 OK\r\nGrip-Hold: response\r\nGrip-Channel: fuzz\r\nGrip-Timeout: 30\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nGrip-Hold: stream\r\nGrip-Channel: fuzz; prev-id=1\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nGrip-Hold: stream\r\nGrip-Channel: fuzz\r\n\r\nuntil the end",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let pieces = [
        "\r\n", "\n", "\r", "\r\n\r\n", "\0", " ", "\t", ":", ";", ",", "\r\n ", "0", "-1", "5", "99999999999999999999",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Content-Length: 5\r\n",
        "Content-Length: 50 \r\n", "Content-Length: 5, 5\r\n", "Connection: close\r\n", "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 \r\n\r\n", "HTTP/2 200\r\n", " 101 ", " 000 ",
        " 999 ",
        "Grip-Hold: stream\r\n", "Grip-Hold: response\r\n", "Grip-Channel: fuzz\r\n", "Grip-Status: 101\r\n",
        "é", "\u{7f}", "\u{ff}", "\"", "\\", "{", "}", "[", "null", "1e999", "\\u0000", "\\ud800", "=", "<", ">",
    ].map { Array($0.utf8) }

    private static let instructions: [(name: String, values: [String])] = [
        ("Grip-Hold", ["stream", "response"]),
        ("Grip-Channel", ["fuzz", "fuzz, other", "fuzz; prev-id=1; filter=skip-self", "fuzz; filter=build-id"]),
        ("Grip-Timeout", ["0", "1", "2147483647"]),
        ("Grip-Keep-Alive", ["\\n; format=cstring; timeout=1", "cGluZw==; format=base64; mode=interval; timeout=0"]),
        ("Grip-Status", ["404", "204", "101", "100", "304", "999", "0"]),
        ("Grip-Expose-Headers", ["content-type, x-a", "*"]),
        ("Grip-Set-Meta", ["user=a", "a=\"b\", c=d"]),
        ("Grip-Link", ["</n/7>; rel=next; timeout=1", "</n/8>; rel=gone", "<http://a/n/9>; rel=next, <?a>; rel=gone"]),
        ("Grip-Unknown", ["a"]), ("Content-Type", ["application/grip-instruct", "text/plain"]),
        ("Content-Length", ["5", "4 "]), ("X-A", ["b"]),
    ]

    private static let documents = [
        """
        {"hold": {"mode": "stream", "channels": [{"name": "fuzz", "prev-id": "1", "filters": ["skip-self", "x"]}], \
        "keep-alive": {"content": "\\n", "timeout": 1}, "meta": {"user": "a"}}, \
        "response": {"code": 201, "reason": "Yes", "headers": {"X-A": "b", "Content-Length": "9"}, "body": "hello"}}
        """,
        """
        {"hold": {"mode": "response", "channels": [{"name": "fuzz"}], "timeout": 1}, \
        "response": {"code": 101, "headers": [["Transfer-Encoding", "chunked"], ["a", "b\\r\\nc: d"]], "body-bin": "AAEC"}}
        """,
        "{\"response\": {\"code\": 204, \"body\": \"x\"}}",
        "{\"response\": {\"code\": 1000, \"reason\": \"a\\r\\nb: c\"}}",
    ].map { Array($0.utf8) }

    private static let events = [
        "OPEN\r\nTEXT 2B\r\nc:{\"type\": \"subscribe\", \"channel\": \"fuzz\"}\r\nTEXT 5\r\nhello\r\n",
        "OPEN\r\nBINARY 3\r\nm:\u{1}\r\nPING\r\nPONG 1\r\na\r\nCLOSE 2\r\n\u{3}\u{68}\r\n", "OPEN\r\nCLOSE\r\n",
        "OPEN\r\nTEXT 40\r\nc:{\"type\": \"keep-alive\", \"timeout\": 1, \"mode\": \"interval\", \"content\": \"\"}\r\n",
        "OPEN\r\nTEXT 15\r\nc:{\"type\": \"detach\"}  \r\nDISCONNECT\r\n", "TEXT 5\r\nhello\r\n", "OPEN\r\n", "",
    ].map { Array($0.utf8) }

    private static let lengths = [
        "0", "1", "4", "6", "100", "2147483648", "9223372036854775807", "18446744073709551615", "18446744073709551616",
        "-5", "+5", "5a", "05", "0x5", "", "5 ", "\t5", "5\r\nContent-Length: 6", "5\r\nTransfer-Encoding: chunked",
    ]

    private var input: HostileBytes

    /// Makes the answers to the requests for one path.
    init(seed: UInt64) {
        self.input = HostileBytes(seed: seed, seeds: Self.responses + Self.documents, pieces: Self.pieces)
    }

    private mutating func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self.input.generator) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[self.random(0..<elements.count)]
    }

    // MARK: Answers

    /// An answer to any request.
    mutating func next() -> FuzzOrigin.Answer { self.answer(self.bytes()) }

    /// An answer to a request with WebSocket events.
    mutating func nextEvents() -> FuzzOrigin.Answer {
        guard self.random(0..<5) > 0 else { return self.next() }
        var body = self.pick(Self.events)
        if self.random(0..<3) > 0 { for _ in 0...self.random(0..<2) { self.input.mutate(&body) } }
        var fields = "Content-Type: application/websocket-events\r\n"
        if self.random(0..<4) > 0 {
            fields += "Sec-WebSocket-Extensions: \(self.pick(["grip", "grip; message-prefix=\"\""]))\r\n"
        }
        if self.random(0..<4) == 0 { fields += "Content-Bytes-Accepted: \(self.pick(Self.lengths))\r\n" }
        if self.random(0..<4) == 0 { fields += "Keep-Alive-Interval: \(self.pick(Self.lengths))\r\n" }
        if self.random(0..<4) == 0 { fields += "Set-Meta-User: \(self.input.nextText())\r\n" }
        return self.answer(self.response(fields, body))
    }

    /// An answer to the handshake of a WebSocket.
    mutating func nextWebSocket() -> FuzzOrigin.Answer {
        var bytes = self.bytes()
        if self.random(0..<4) > 0 {
            bytes = Self.responses[Self.responses.count - 1]
            if self.random(0..<5) == 0 { self.input.mutate(&bytes) }
            var frames = HostileFrames(seed: self.input.generator.next(), isMasked: false)
            bytes += frames.next()
        }
        var answer = self.answer(bytes)
        if case .keep = answer.ending { answer.ending = .frames }
        return answer
    }

    /// Sends bytes, all at once or in parts.
    private mutating func answer(_ bytes: [UInt8]) -> FuzzOrigin.Answer {
        var parts: [[UInt8]] = []
        var rest = bytes[...]
        for _ in 0..<max(0, self.random(-2..<4)) {
            let count = self.random(0..<(rest.count + 1))
            parts.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return FuzzOrigin.Answer(parts: parts + [Array(rest)], ending: self.random(0..<2) == 0 ? .keep : .close)
    }

    private mutating func response(_ fields: String, _ body: [UInt8]) -> [UInt8] {
        let length = self.random(0..<10) == 0 ? self.pick(Self.lengths) : "\(body.count)"
        return Array("HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(length)\r\n\r\n".utf8) + body
    }

    // MARK: Bytes

    private mutating func bytes() -> [UInt8] {
        switch self.random(0..<14) {
        case 0: return self.truncated()
        case 1: return Array("HTTP/1.1 200 OK\r\nContent-Length: \(self.pick(Self.lengths))\r\n\r\nhello".utf8)
        case 2: return self.chunked()
        case 3, 4, 5: return self.instructed()
        case 6, 7: return self.document()
        case 8: return self.interim()
        case 9: return self.pick(Self.responses) + self.input.next()
        case 10: return self.pick(Self.responses) + self.pick(Self.responses)
        case 11: return self.oversized()
        default: return self.input.next()
        }
    }

    private mutating func truncated() -> [UInt8] {
        let bytes = self.pick(Self.responses)
        return Array(bytes.prefix(self.random(0..<bytes.count)))
    }

    private mutating func chunked() -> [UInt8] {
        let fields = self.pick(["", "Grip-Hold: stream\r\nGrip-Channel: fuzz\r\n", "Content-Length: 5\r\n"])
        var text =
            "HTTP/1.1 200 OK\r\n\(fields)Transfer-Encoding: \(self.pick(["chunked", "Chunked", "chunked, x"]))\r\n\r\n"
        for _ in 0..<self.random(0..<4) {
            let size = self.pick([
                "5", "5", "5;a", "05", "6", "4", "-5", "ffffffffffffffff", "7fffffffffffffff", "", "g",
            ])
            text += "\(size)\r\nhello\r\n"
        }
        return Array((text + self.pick(["0\r\n\r\n", "0\r\nX: y\r\n\r\n", "0\r\n", "", "0\r\n\0: a\r\n\r\n"])).utf8)
    }

    private mutating func instructed() -> [UInt8] {
        var fields = self.random(0..<2) == 0 ? "Grip-Hold: \(self.pick(["stream", "response"]))\r\n" : ""
        if self.random(0..<2) == 0 { fields += "Grip-Channel: fuzz\r\n" }
        for _ in 0...self.random(0..<4) {
            let field = self.pick(Self.instructions)
            var value = Array(self.pick(field.values).utf8)
            if self.random(0..<2) == 0 { self.input.mutate(&value) }
            fields += "\(field.name): \(String(decoding: value, as: UTF8.self))\r\n"
        }
        return self.response(fields, Array("hello".utf8))
    }

    private mutating func document() -> [UInt8] {
        var body = self.pick(Self.documents)
        if self.random(0..<4) > 0 { for _ in 0...self.random(0..<3) { self.input.mutate(&body) } }
        return self.response("Content-Type: application/grip-instruct\r\n", body)
    }

    private mutating func interim() -> [UInt8] {
        let one = self.pick([
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 102 \r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 199 X\nGrip-Hold: stream\n\n",
        ])
        let count = self.pick([1, 2, 50, 1000])
        let last = self.random(0..<3) == 0 ? [] : self.pick(Self.responses)
        return Array(repeating: Array(one.utf8), count: count).joined() + last
    }

    private mutating func oversized() -> [UInt8] {
        let long = String(repeating: "a", count: self.pick([16_000, 70_000, 120_000]))
        let many = (0..<self.pick([100, 300, 3000])).map { "x\($0): y\r\n" }.joined()
        let channels = (0..<100).map { "c\($0)" }.joined(separator: ", ")
        return Array(
            self.pick([
                "HTTP/1.1 200 \(long)\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: \(long)\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\(many)Content-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nGrip-Hold: stream\r\nGrip-Channel: fuzz\r\nContent-Length: \(long.utf8.count)\r\n\r\n\(long)",
                "HTTP/1.1 200 OK\r\nGrip-Hold: response\r\nGrip-Channel: fuzz\r\n\r\n\(long)",
                "HTTP/1.1 200 OK\r\nGrip-Hold: stream\r\nGrip-Channel: \(channels)\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(many)\r\n",
            ]).utf8
        )
    }
}
