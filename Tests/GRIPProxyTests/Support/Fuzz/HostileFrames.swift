import TestSupport

/// Frames of WebSockets, right and wrong.
struct HostileFrames {
    private static let texts: [[UInt8]] = [
        Array("hello".utf8), [], Array("é".utf8), [0xC3], [0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        Array("c:{\"type\":\"subscribe\",\"channel\":\"b\"}".utf8), Array(repeating: 0x61, count: 125),
        Array(repeating: 0x61, count: 126), Array(repeating: 0x61, count: 70_000),
    ]

    private static let closes: [[UInt8]] = [
        [], [3], [3, 232], [3, 232, 0x61], [3, 232, 0xFF], [3, 237], [0, 0], [19, 136], [255, 255], [3, 247],
        [15, 160],
        Array(repeating: 3, count: 125),
    ]

    /// The first bytes of frames that claim a length, and some of what follows.
    private static let lengths: [[UInt8]] = [
        [126, 0, 5], [127, 0, 0, 0, 0, 0, 0, 0, 5], [127, 255, 255, 255, 255, 255, 255, 255, 255],
        [127, 127, 255, 255, 255, 255, 255, 255, 255], [127, 0, 0, 0, 0, 128, 0, 0, 0], [126, 255, 255],
        [127, 128, 0, 0, 0, 0, 0, 0, 0], [127, 0, 0, 0, 0, 0, 3, 13, 65], [125], [126], [127],
    ]

    private var input: HostileBytes
    private let isMasked: Bool

    /// Makes a sender of frames.
    ///
    /// - Parameters:
    ///   - seed: What it does.
    ///   - isMasked: Whether it is a client.
    init(seed: UInt64, isMasked: Bool) {
        self.input = HostileBytes(
            seed: seed,
            seeds: [],
            pieces: [[0x81], [0x00], [0x88, 0x80], [0xFF], [0x8A, 0x00]]
        )
        self.isMasked = isMasked
    }

    private mutating func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self.input.generator) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[self.random(0..<elements.count)]
    }

    /// Some frames.
    mutating func next() -> [UInt8] {
        var bytes = (0..<self.random(1..<7)).flatMap { _ in self.random(0..<4) == 0 ? self.wrong() : self.right() }
        if self.random(0..<6) == 0 { self.input.mutate(&bytes) }
        return bytes
    }

    private mutating func right() -> [UInt8] {
        switch self.random(0..<8) {
        case 0: self.frame(0x82, self.pick(Self.texts))
        case 1: self.frame(0x89, Array("ping".utf8))
        case 2: self.frame(0x8A, [])
        case 3: self.frame(0x01, Array("ab".utf8)) + self.frame(0x89, []) + self.frame(0x80, Array("cd".utf8))
        case 4: self.frame(0x01, [0xC3]) + self.frame(0x00, []) + self.frame(0x80, [0xA9])
        default: self.frame(0x81, Array("hello".utf8))
        }
    }

    private mutating func wrong() -> [UInt8] {
        switch self.random(0..<7) {
        case 0: self.frame(0x88, self.pick(Self.closes))
        case 1: self.frame(UInt8(self.random(0..<256)), self.pick(Self.texts))
        case 2: self.frame(self.pick([0x81, 0x01, 0x80, 0x00]), self.pick(Self.texts))
        case 3: FuzzFrame.bytes(0x81, Array("hello".utf8), mask: self.isMasked ? nil : [1, 2, 3, 4])
        case 4: self.frame(self.pick([0x08, 0x09, 0x0A, 0x89, 0x88, 0x8A]), self.pick(Self.texts))
        case 5: self.frame(self.pick([0x80, 0x00, 0x83, 0x8B, 0xC1, 0xA1, 0x91]), Array("x".utf8))
        default: self.claim()
        }
    }

    private mutating func claim() -> [UInt8] {
        var length = self.pick(Self.lengths)
        if self.isMasked { length[0] |= 0x80 }
        return [self.pick([0x81, 0x82, 0x01, 0x89])] + length + Array("0123456789".utf8)
    }

    private mutating func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        FuzzFrame.bytes(first, payload, mask: self.isMasked ? [0x12, 0x34, 0x56, UInt8(self.random(0..<256))] : nil)
    }
}
