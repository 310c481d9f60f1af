import GRIP
import GRIPNATS
import NIOCore
import TestSupport
import Testing

@Suite("Reading what a server says")
struct NATSOperationReaderTests {
    private static func message(
        _ subscription: UInt64,
        _ subject: String,
        reply: String? = nil,
        headers: String? = nil,
        _ payload: String
    ) -> NATSServerOperation {
        .message(
            GRIPNATSMessage(
                subscription: subscription,
                subject: ByteBuffer(string: subject),
                reply: reply.map { ByteBuffer(string: $0) },
                headers: headers.map { ByteBuffer(string: $0) },
                payload: ByteBuffer(string: payload)
            )
        )
    }

    private static let golden: [(String, [NATSServerOperation])] = [
        ("PING\r\n", [.ping]),
        ("pong\r\n", [.pong]),
        ("+OK\r\n+ok\r\n", [.ok, .ok]),
        ("\r\n\nPING\r\n", [.ping]),
        ("-ERR 'Stale Connection'\r\n", [.error("Stale Connection")]),
        ("-err Unquoted \r\n", [.error("Unquoted")]),
        ("-ERR\r\n", [.error("")]),
        ("-ERR 'a\u{1B}[31m'\r\n", [.error("a\\x1b[31m")]),
        ("INFO {\"a\":1} \r\n", [.info(ByteBuffer(string: "{\"a\":1} "))]),
        ("info\t{}\n", [.info(ByteBuffer(string: "{}"))]),
        ("MSG foo.bar 9 11\r\nHello World\r\n", [Self.message(9, "foo.bar", "Hello World")]),
        ("MSG foo 9 re.ply 5\r\nHello\r\n", [Self.message(9, "foo", reply: "re.ply", "Hello")]),
        ("MSG foo 18446744073709551615 0\r\n\r\n", [Self.message(.max, "foo", "")]),
        ("msg\t foo \t 1  4 \r\nMSG \r\n", [Self.message(1, "foo", "MSG ")]),
        ("MSG a 1 4\r\n\r\n\r\n\r\nPING\r\n", [Self.message(1, "a", "\r\n\r\n"), .ping]),
        (
            "HMSG foo 8 22 23\r\nNATS/1.0\r\nBar: Baz\r\n\r\nx\r\n",
            [Self.message(8, "foo", headers: "NATS/1.0\r\nBar: Baz\r\n\r\n", "x")]
        ),
        (
            "HMSG foo 8 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
            [Self.message(8, "foo", reply: "r", headers: "NATS/1.0 503\r\n\r\n", "")]
        ),
        ("HMSG foo 8 0 1\r\nx\r\n", [Self.message(8, "foo", headers: "", "x")]),
    ]

    private static func read(
        _ pieces: [ByteBuffer],
        limits: NATSOperationReader.Limits = .init()
    ) throws -> [NATSServerOperation] {
        var reader = NATSOperationReader(limits: limits)
        var operations: [NATSServerOperation] = []
        for piece in pieces {
            reader.append(piece)
            while let operation = try reader.next() { operations.append(operation) }
        }
        #expect(reader.isAtBoundary)
        return operations
    }

    @Test func goldenVectors() throws {
        for (text, operations) in Self.golden {
            #expect(try Self.read([ByteBuffer(string: text)]) == operations, "\(text)")
        }
    }

    @Test func everySplit() throws {
        let text = Self.golden.map(\.0).joined()
        let whole = ByteBuffer(string: text)
        let expected = Self.golden.flatMap(\.1)
        for index in 0...whole.readableBytes {
            let pieces = [
                whole.getSlice(at: 0, length: index), whole.getSlice(at: index, length: whole.readableBytes - index),
            ]
            #expect(try Self.read(pieces.compactMap(\.self)) == expected, "split at \(index)")
        }
        #expect(try Self.read(whole.readableBytesView.map { ByteBuffer(integer: $0) }) == expected)
    }

    @Test func piecesOfAnySize() throws {
        let expected = Self.golden.flatMap(\.1) + Self.golden.flatMap(\.1)
        var random = SplitMix64(seed: 3)
        for _ in 0..<500 {
            var rest = ByteBuffer(string: (Self.golden + Self.golden).map(\.0).joined())
            var pieces: [ByteBuffer] = []
            while rest.readableBytes > 0 {
                let count = min(rest.readableBytes, Int.random(in: 0...40, using: &random))
                if let piece = rest.readSlice(length: count) { pieces.append(piece) }
            }
            #expect(try Self.read(pieces) == expected)
        }
    }

    @Test func payloadsAreNotCopied() throws {
        var reader = NATSOperationReader()
        let piece = ByteBuffer(string: "MSG a 1 3\r\nabc\r\nMSG a 1 3\r\ndef\r\n")
        reader.append(piece)
        let address = piece.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        for _ in 0..<2 {
            let message = try #require(try reader.next()?.message)
            let payload = message.payload.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
            #expect(payload > address && payload < address + UInt(piece.readableBytes))
        }
    }

    @Test(arguments: [
        "HELLO\r\n", "PINGS\r\n", "PIN\r\n", " PING\r\n", "MSG\r\n", "MSG a\r\n", "MSG a 1\r\n", "MSG a 1 r 5 6\r\n",
        "MSG a 1 r 1 5 6\r\n", "MSG a x 5\r\n", "MSG a 1 -5\r\n", "MSG a 1 5x\r\n", "MSG a 1 +5\r\n",
        "MSG a 1 99999999999999999999\r\n", "MSG a 1 2147483648\r\n", "MSG a 18446744073709551616 1\r\n",
        "MSG a 1 3\r\nabcdef", "MSG a 1 3\r\nabc\n\n", "HMSG a 1 5\r\n", "HMSG a 1 6 5\r\n", "HMSG a 1 r r 5 6\r\n",
        "HMSG a 1 x 6\r\n", "\u{0}\r\n",
    ])
    func violations(text: String) {
        #expect(throws: NATSProtocolViolation.self) { try Self.read([ByteBuffer(string: text)]) }
        #expect(throws: NATSProtocolViolation.self) { try Self.read(text.utf8.map { ByteBuffer(integer: $0) }) }
    }

    @Test func aViolationRepeatsItself() throws {
        var reader = NATSOperationReader()
        reader.append(ByteBuffer(string: "NO\r\nPING\r\n"))
        for _ in 0..<2 { #expect(throws: NATSProtocolViolation.self) { try reader.next() } }
        reader.append(ByteBuffer(string: "PING\r\n"))
        #expect(throws: NATSProtocolViolation.self) { try reader.next() }
    }

    @Test func linesAreBounded() throws {
        let limits = NATSOperationReader.Limits(line: 20, info: 40, message: 10)
        for (start, limit) in [("PING", 20), ("-ERR ", 20), ("INFO ", 40)] {
            let fits = start + String(repeating: " ", count: limit - start.utf8.count)
            #expect(throws: Never.self) { try Self.read([ByteBuffer(string: fits + "\n")], limits: limits) }
            #expect(throws: NATSProtocolViolation.self, "\(start)") {
                try Self.read([ByteBuffer(string: fits + " \n")], limits: limits)
            }
            // A line without an end is refused before one comes.
            #expect(throws: NATSProtocolViolation.self, "\(start)") {
                try Self.read([ByteBuffer(string: fits + "  ")], limits: limits)
            }
        }
    }

    @Test func whatIsTooLargeIsSkipped() throws {
        let limits = NATSOperationReader.Limits(line: 100, info: 100, message: 10)
        let text = "MSG a 7 11\r\n12345678901\r\nMSG a 8 10\r\n1234567890\r\nHMSG a 9 4 12\r\n123456789012\r\nPING\r\n"
        let expected: [NATSServerOperation] = [
            .skipped(subscription: 7, byteCount: 11), Self.message(8, "a", "1234567890"),
            .skipped(subscription: 9, byteCount: 12), .ping,
        ]
        #expect(try Self.read([ByteBuffer(string: text)], limits: limits) == expected)
        #expect(try Self.read(text.utf8.map { ByteBuffer(integer: $0) }, limits: limits) == expected)
    }

    @Test func largePayloadsInManyPieces() throws {
        let payload = ByteBuffer(repeating: 0x61, count: 4_000_000)
        var reader = NATSOperationReader()
        reader.append(ByteBuffer(string: "MSG a 1 4000000\r\n"))
        var rest = payload
        while let piece = rest.readSlice(length: min(65_536, rest.readableBytes)), piece.readableBytes > 0 {
            #expect(try reader.next() == nil)
            reader.append(piece)
        }
        reader.append(ByteBuffer(string: "\r\n"))
        let message = try #require(try reader.next()?.message)
        #expect(message.payload == payload)
    }

    @Test func whatIsHostileNeitherStopsTheProgramNorChangesWithThePieces() {
        var hostile = HostileBytes(
            seed: 5,
            seeds: Self.golden.map(\.0),
            pieces: [
                "MSG a 1 ", "HMSG a 1 5 ", "\r\n", "\n", "\r", " ", "0", "5", "2147483647", "99999999999999999999",
                "PING\r\n",
                "INFO {", "-ERR '", "NATS/1.0\r\n", "\u{0}",
            ]
        )
        for _ in 0..<20_000 {
            let bytes = hostile.next()
            let whole = Self.outcome([ByteBuffer(bytes: bytes)])
            #expect(whole == Self.outcome(bytes.map { ByteBuffer(integer: $0) }), "\(bytes)")
        }
    }

    /// What comes out, and whether it ends in a violation.
    private static func outcome(_ pieces: [ByteBuffer]) -> [NATSServerOperation?] {
        var reader = NATSOperationReader(limits: .init(line: 64, info: 128, message: 1000))
        var operations: [NATSServerOperation?] = []
        for piece in pieces {
            reader.append(piece)
            do {
                while let operation = try reader.next() { operations.append(operation) }
            } catch {
                return operations + [nil]
            }
        }
        return operations
    }
}
