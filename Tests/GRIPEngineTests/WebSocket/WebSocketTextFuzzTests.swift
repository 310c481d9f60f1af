import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Text is checked as the standard library checks it, however it is cut into frames")
struct WebSocketTextFuzzTests {
    /// Pieces of UTF-8 at the edges of what is allowed, and just beyond.
    private static let pieces: [[UInt8]] = [
        [0x61], Array("plain ASCII, longer than a word".utf8), [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80],
        [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
        [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xF1],
    ]

    private static func text(_ random: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        let isValid = Bool.random(using: &random)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            bytes += (isValid ? Self.pieces[..<10] : Self.pieces[...]).randomElement(using: &random) ?? []
        }
        if !isValid, !bytes.isEmpty, Bool.random(using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
        }
        return bytes
    }

    /// Whether bytes can be the beginning of UTF-8: they can if up to three more make them whole.
    private static func canBegin(_ bytes: [UInt8]) -> Bool {
        let endings: [[UInt8]] = [
            [], [0x80], [0x80, 0x80], [0x80, 0x80, 0x80], [0xBF], [0xBF, 0x80], [0xBF, 0x80, 0x80],
        ]
        return endings.contains { String(validating: bytes + $0, as: UTF8.self) != nil }
    }

    @Test("Any cut gives the same message, and bad text is refused with the frame that shows it")
    func cuts() {
        var random = SplitMix64(seed: 0x07F8)
        var (accepted, refused) = (0, 0)
        for _ in 0..<30_000 {
            let bytes = Self.text(&random)
            var reader = WebSocketMessageReader(from: .client, maximumMessageSize: 1000)
            var index = 0
            var isFirst = true
            var output = WebSocketMessageReader.Output.none
            while output == .none {
                let end = Int.random(in: index...bytes.count, using: &random)
                let isFinal = end == bytes.count && Bool.random(using: &random)
                output = reader.read(
                    opcode: isFirst ? 1 : 0,
                    isFinal: isFinal,
                    reservedBits: 0,
                    isMasked: true,
                    payload: ByteBuffer(bytes: bytes[index..<end])
                )
                (index, isFirst) = (end, false)
                if case .none = output { #expect(Self.canBegin(Array(bytes[..<end])), "\(bytes) up to \(end)") }
            }
            switch output {
            case .message(.text, let content):
                accepted += 1
                #expect(String(validating: bytes, as: UTF8.self) != nil, "\(bytes)")
                #expect(Array(content.readableBytesView) == bytes)
            case .violation(let close):
                refused += 1
                #expect(close.code == .invalidPayload)
                let seen = Array(bytes[..<index])
                #expect(String(validating: seen, as: UTF8.self) == nil, "\(bytes)")
                #expect(!Self.canBegin(seen) || index == bytes.count, "\(bytes)")
            default: Issue.record("\(output)")
            }
        }
        #expect(accepted > 5000 && refused > 5000)
    }

    @Test("Any frames end in messages within the limit or in one violation")
    func randomFrames() {
        var random = SplitMix64(seed: 0xF4A3)
        var counts: [String: Int] = [:]
        for _ in 0..<20_000 {
            var reader = WebSocketMessageReader(from: .client, maximumMessageSize: 64)
            var hasEnded = false
            for _ in 0..<8 {
                let isOdd = Int.random(in: 0..<12, using: &random) == 0
                let payload = (0..<Int.random(in: 0...(isOdd ? 130 : 20), using: &random)).map { _ in
                    UInt8.random(in: 0...(isOdd ? 255 : 127), using: &random)
                }
                let output = reader.read(
                    opcode: isOdd
                        ? .random(in: 0...15, using: &random) : [0, 1, 2, 9, 10].randomElement(using: &random) ?? 0,
                    isFinal: Int.random(in: 0..<3, using: &random) > 0,
                    reservedBits: isOdd ? .random(in: 0...1, using: &random) : 0,
                    isMasked: true,
                    payload: ByteBuffer(bytes: payload)
                )
                if hasEnded { #expect(output == .none) }
                switch output {
                case .none: continue
                case .message(_, let content):
                    counts["message", default: 0] += 1
                    #expect(content.readableBytes <= 64)
                case .ping(let payload), .pong(let payload): #expect(payload.readableBytes <= 125)
                case .close(let close):
                    hasEnded = true
                    #expect(close?.code.isSendable ?? true)
                case .violation(let close):
                    hasEnded = true
                    counts["\(close.code)", default: 0] += 1
                }
            }
        }
        for outcome in ["message", "1002", "1007", "1009"] { #expect(counts[outcome, default: 0] > 20, "\(outcome)") }
    }
}
