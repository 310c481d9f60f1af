import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Frames are held against RFC 6455")
struct WebSocketFrameReaderTests {
    struct Frame: Sendable, CustomTestStringConvertible {
        let opcode: UInt8
        let isFinal: Bool
        let payload: [UInt8]

        init(_ opcode: UInt8, _ isFinal: Bool = true, _ payload: [UInt8] = []) {
            self.opcode = opcode
            self.isFinal = isFinal
            self.payload = payload
        }

        init(_ opcode: UInt8, _ isFinal: Bool = true, text: String) {
            self.init(opcode, isFinal, Array(text.utf8))
        }

        var testDescription: String { "\(self.opcode)\(self.isFinal ? "" : "…") \(self.payload.prefix(8))" }
    }

    private static func read(_ frames: [Frame], limit: Int = 1000) -> [WebSocketMessageReader.Output] {
        var reader = WebSocketMessageReader(from: .client, maximumMessageSize: limit)
        return frames.map { frame in
            reader.read(
                opcode: frame.opcode,
                isFinal: frame.isFinal,
                reservedBits: 0,
                isMasked: true,
                payload: ByteBuffer(bytes: frame.payload)
            )
        }
    }

    private static func code(_ output: WebSocketMessageReader.Output?) -> UInt16? {
        if case .violation(let close) = output { close.code.rawValue } else { nil }
    }

    @Test("Messages come out whole, and what stands between their pieces at once")
    func messages() {
        let outputs = Self.read([
            Frame(1, text: "one"), Frame(2, false, [1]), Frame(9, text: "ping"), Frame(0, false), Frame(10),
            Frame(0, true, [2]), Frame(1), Frame(8, true, [0x03, 0xE9, 0x62]), Frame(1, text: "late"),
        ])
        let expected: [WebSocketMessageReader.Output] = [
            .message(.text, ByteBuffer(string: "one")), .none, .ping(ByteBuffer(string: "ping")), .none,
            .pong(ByteBuffer()), .message(.binary, ByteBuffer(bytes: [1, 2])), .message(.text, ByteBuffer()),
            .close(WebSocketClose.sendable(try? WebSocketClose(.goingAway, reason: "b"))), .none,
        ]
        #expect(outputs == expected)
    }

    @Test("A message in one frame is not copied")
    func singleFrame() {
        let payload = ByteBuffer(repeating: 0x61, count: 100)
        var reader = WebSocketMessageReader(from: .origin, maximumMessageSize: 100)
        let output = reader.read(opcode: 1, isFinal: true, reservedBits: 0, isMasked: false, payload: payload)
        guard case .message(.text, let content) = output else {
            Issue.record("\(output)")
            return
        }
        let before = payload.withUnsafeReadableBytes { $0.baseAddress }
        #expect(content.withUnsafeReadableBytes { $0.baseAddress } == before)
    }

    @Test(
        "A broken rule ends the connection with its code, and nothing comes after it",
        arguments: [
            ([Frame(3)], 1002), ([Frame(7)], 1002), ([Frame(11)], 1002), ([Frame(15)], 1002),
            ([Frame(9, false)], 1002), ([Frame(8, false)], 1002),
            ([Frame(9, true, [UInt8](repeating: 0, count: 126))], 1002),
            ([Frame(8, true, [3, 0xE8] + [UInt8](repeating: 0x61, count: 124))], 1002),
            ([Frame(0)], 1002), ([Frame(0, false)], 1002),
            ([Frame(1, false), Frame(1)], 1002), ([Frame(2, false), Frame(2, false)], 1002),
            ([Frame(1), Frame(0)], 1002),
            ([Frame(8, true, [3])], 1002), ([Frame(8, true, [3, 0xE8, 0xFF])], 1007),
            ([Frame(1, true, [0xFF])], 1007), ([Frame(1, true, [0xE2, 0x82])], 1007),
            ([Frame(1, false, [0xF4]), Frame(0, false, [0x90])], 1007),
            ([Frame(1, false, [0xE2]), Frame(0, true)], 1007),
            ([Frame(1, text: String(repeating: "a", count: 1001))], 1009),
            (
                [
                    Frame(2, false, [UInt8](repeating: 0, count: 600)),
                    Frame(0, false, [UInt8](repeating: 0, count: 401)),
                ], 1009
            ),
        ] as [([Frame], UInt16)]
    )
    func violations(frames: [Frame], code: UInt16) {
        let outputs = Self.read(frames + [Frame(1, text: "late"), Frame(9)])
        #expect(outputs.prefix(frames.count - 1).allSatisfy { Self.code($0) == nil })
        #expect(Self.code(outputs[frames.count - 1]) == code)
        #expect(outputs.suffix(2) == [.none, .none])
    }

    @Test("Reserved bits are for extensions, which there are none of", arguments: 1...7 as ClosedRange<UInt8>)
    func reservedBits(bits: UInt8) {
        var reader = WebSocketMessageReader(from: .client, maximumMessageSize: 10)
        let output = reader.read(opcode: 1, isFinal: true, reservedBits: bits, isMasked: true, payload: ByteBuffer())
        #expect(Self.code(output) == 1002)
    }

    @Test("Clients mask and origins do not")
    func masks() {
        for (sender, isMasked) in [(.client, false), (.origin, true)] as [(WebSocketFrameReader.Sender, Bool)] {
            var reader = WebSocketMessageReader(from: sender, maximumMessageSize: 10)
            let output = reader.read(
                opcode: 9,
                isFinal: true,
                reservedBits: 0,
                isMasked: isMasked,
                payload: ByteBuffer()
            )
            #expect(Self.code(output) == 1002)
        }
    }

    @Test("Of all close codes those pass that may be on the wire")
    func closeCodes() {
        var passed: [UInt16] = []
        for code in 0...UInt16.max {
            let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
            switch Self.read([Frame(8, true, payload)]).first {
            case .close(let close?) where close.code.rawValue == code: passed.append(code)
            case .violation(let close) where close.code == .protocolError: break
            case let output: Issue.record("\(code): \(String(describing: output))")
            }
        }
        #expect(passed == Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
    }

    @Test("Pieces pass one by one, and only the first has a kind")
    func fragments() {
        var reader = WebSocketFrameReader(from: .origin, maximumMessageSize: 10)
        var outputs: [WebSocketFrameReader.Output] = []
        for (opcode, isFinal, text) in [(1, false, "a"), (9, true, ""), (0, false, ""), (0, true, "b")]
            as [(UInt8, Bool, String)]
        {
            outputs.append(
                reader.read(
                    opcode: opcode,
                    isFinal: isFinal,
                    reservedBits: 0,
                    isMasked: false,
                    payload: ByteBuffer(string: text)
                )
            )
        }
        let expected: [WebSocketFrameReader.Output] = [
            .fragment(.text, isFinal: false, ByteBuffer(string: "a")), .ping(ByteBuffer()),
            .fragment(nil, isFinal: false, ByteBuffer()), .fragment(nil, isFinal: true, ByteBuffer(string: "b")),
        ]
        #expect(outputs == expected)
    }
}
