import GRIP
import NIOCore
import Testing

@Suite struct WebSocketEventDecoderTests {
    static let body = WebSocketEvent.encode(WebSocketEventCodecTests.vectors.map(\.event))
    static let events = WebSocketEventCodecTests.vectors.map(\.event)

    @Test func `Every split in two gives the same events`() throws {
        for split in 0...Self.body.readableBytes {
            var decoder = WebSocketEventDecoder()
            var rest = Self.body
            let head = rest.readSlice(length: split) ?? ByteBuffer()
            let events = try decoder.decode(head) + decoder.decode(rest)
            try decoder.finish()
            #expect(events == Self.events, "split at \(split)")
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func `Every chunk size gives the same events`(size: Int) throws {
        var decoder = WebSocketEventDecoder()
        var events: [WebSocketEvent] = []
        var rest = Self.body
        while let chunk = rest.readSlice(length: min(size, rest.readableBytes)), chunk.readableBytes > 0 {
            events += try decoder.decode(chunk)
        }
        try decoder.finish()
        #expect(events == Self.events)
    }

    @Test func `An event comes out with its last byte`() throws {
        var decoder = WebSocketEventDecoder()
        #expect(try decoder.decode(wire("TEXT 2\r\nhi\r")).isEmpty)
        #expect(throws: WebSocketEventError.self) { try decoder.finish() }
        #expect(try decoder.decode(wire("\nPI")) == [.text("hi")])
        #expect(try decoder.decode(wire("NG\r\n")) == [.ping(ByteBuffer())])
        try decoder.finish()
    }

    @Test func `Events that came out keep their content`() throws {
        var decoder = WebSocketEventDecoder()
        let first = try decoder.decode(wire("TEXT 3\r\none\r\nTEXT 3\r\nt"))
        let second = try decoder.decode(wire("wo\r\nTEXT 5\r\nth"))
        let third = try decoder.decode(wire("ree\r\n"))
        #expect(first + second + third == [.text("one"), .text("two"), .text("three")])
    }

    @Test(.timeLimit(.minutes(5)))
    func `A long content byte by byte takes linear time`() throws {
        var decoder = WebSocketEventDecoder()
        let content = ByteBuffer(repeating: 0x61, count: 400_000)
        var events: [WebSocketEvent] = []
        for byte in WebSocketEvent.encode([.text(content), .open]).readableBytesView {
            events += try decoder.decode(ByteBuffer(bytes: [byte]))
        }
        #expect(events == [.text(content), .open])
    }

    @Test(.timeLimit(.minutes(5)), arguments: [7, 30_000])
    func `Many events in chunks that end anywhere take linear time`(size: Int) throws {
        var decoder = WebSocketEventDecoder()
        let expected = [WebSocketEvent](repeating: .text("content"), count: 20_000)
        var events: [WebSocketEvent] = []
        var rest = WebSocketEvent.encode(expected)
        while let chunk = rest.readSlice(length: min(size, rest.readableBytes)), chunk.readableBytes > 0 {
            events += try decoder.decode(chunk)
        }
        try decoder.finish()
        #expect(events == expected)
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        let body: String
        let code: WebSocketEventError.Code
        let offset: Int

        init(_ body: String, _ code: WebSocketEventError.Code, at offset: Int) {
            self.body = body
            self.code = code
            self.offset = offset
        }

        var testDescription: String { "\(self.code): \(self.body.debugDescription)" }
    }

    static let failures: [Failure] = [
        Failure("open\r\n", .malformedType, at: 0),
        Failure("\r\n", .malformedType, at: 0),
        Failure(" 5\r\nhello\r\n", .malformedType, at: 0),
        Failure("OPEN\r\nTExT\r\n", .malformedType, at: 8),
        Failure("TEXT1\r\n", .malformedType, at: 4),
        Failure("TEXT\t5\r\n", .malformedType, at: 4),
        Failure("AAAAAAAAAAAAAAAAA\r\n", .malformedType, at: 16),
        Failure("TEXT zz\r\n", .malformedLength, at: 5),
        Failure("TEXT \r\n", .malformedLength, at: 5),
        Failure("TEXT  5\r\nhello\r\n", .malformedLength, at: 5),
        Failure("TEXT 5 \r\nhello\r\n", .malformedLength, at: 6),
        Failure("TEXT 0x5\r\nhello\r\n", .malformedLength, at: 6),
        Failure("TEXT 1_0\r\n0123456789abcdef\r\n", .malformedLength, at: 6),
        Failure("TEXT +5\r\nhello\r\n", .malformedLength, at: 5),
        Failure("TEXT -1\r\nhello\r\n", .malformedLength, at: 5),
        Failure("TEXT 5zz\r\nhello\r\n", .malformedLength, at: 6),
        Failure("TEXT 000000005\r\nhello\r\n", .malformedLength, at: 13),
        Failure("OPEN\n", .missingLineEnd, at: 4),
        Failure("OPEN\rX", .missingLineEnd, at: 5),
        Failure("TEXT 5\nhello\n", .missingLineEnd, at: 6),
        Failure("TEXT 2\r\nhello\r\n", .missingContentEnd, at: 10),
        Failure("TEXT 2\r\nhi\n\n", .missingContentEnd, at: 10),
        Failure("TEXT 2\r\nhiTEXT\r\n", .missingContentEnd, at: 10),
        Failure("TEXT ffffffff\r\n", .contentTooLong, at: 5),
        Failure("OPEN\r\nFOO f4241\r\n", .contentTooLong, at: 10),
        Failure("OPEN", .truncated, at: 4),
        Failure("OPEN\r", .truncated, at: 5),
        Failure("TEXT 10\r\nhi\r\n", .truncated, at: 13),
        Failure("TEXT 2\r\nhi", .truncated, at: 10),
        Failure("TEXT 2\r\nhi\r", .truncated, at: 11),
        Failure("OPEN\r\nTEXT 0\r\n", .truncated, at: 14),
    ]

    @Test(arguments: failures)
    func `A malformed body is refused with the place, in whatever chunks`(failure: Failure) throws {
        for size in [1, 5, 1000] {
            var decoder = WebSocketEventDecoder()
            let error = try #require(throws: WebSocketEventError.self) {
                var rest = wire(failure.body)
                while let chunk = rest.readSlice(length: min(size, rest.readableBytes)), chunk.readableBytes > 0 {
                    _ = try decoder.decode(chunk)
                }
                try decoder.finish()
            }
            #expect(error.code == failure.code)
            #expect(error.offset == failure.offset)
            #expect(error.description.contains("(at byte \(failure.offset))"))
        }
    }

    @Test func `A failed decoder stays failed`() throws {
        var decoder = WebSocketEventDecoder()
        let error = try #require(throws: WebSocketEventError.self) { try decoder.decode(wire("OPEN\r\n?")) }
        #expect(throws: error) { try decoder.decode(wire("OPEN\r\n")) }
        #expect(throws: error) { try decoder.finish() }
    }

    @Test func `The limit on content is exact`() throws {
        var decoder = WebSocketEventDecoder(maximumContentLength: 5)
        #expect(try decoder.decode(wire("TEXT 5\r\nhello\r\n")) == [.text("hello")])
        #expect(throws: WebSocketEventError.self) { try decoder.decode(wire("TEXT 6\r\n")) }
        #expect(WebSocketEventDecoder().maximumContentLength == 1_000_000)
    }
}
