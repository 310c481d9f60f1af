package import GRIP

/// Inputs that nobody means well with: changed copies of good ones, and pieces in a random order.
package struct HostileBytes {
    package var generator: SplitMix64
    private let seeds: [[UInt8]]
    /// What a parser is likely to stumble over, put in and joined at random.
    private let pieces: [[UInt8]]

    package init(seed: UInt64, seeds: [String], pieces: [String]) {
        self.init(seed: seed, seeds: seeds.map { Array($0.utf8) }, pieces: pieces.map { Array($0.utf8) })
    }

    package init(seed: UInt64, seeds: [[UInt8]], pieces: [[UInt8]]) {
        self.generator = SplitMix64(seed: seed)
        self.seeds = seeds
        self.pieces = pieces
    }

    /// The next input; a third is made of pieces alone.
    package mutating func next() -> [UInt8] {
        if Int.random(in: 0..<3, using: &self.generator) == 0 {
            let count = Int.random(in: 0...12, using: &self.generator)
            return (0..<count).flatMap { _ in self.piece() }
        }
        var bytes = self.seeds.randomElement(using: &self.generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &self.generator) { self.mutate(&bytes) }
        return bytes
    }

    /// The next input as text; what is not UTF-8 is replaced.
    package mutating func nextText() -> String { String(decoding: self.next(), as: UTF8.self) }

    private mutating func piece() -> [UInt8] { self.pieces.randomElement(using: &self.generator) ?? [] }

    /// Changes one place.
    package mutating func mutate(_ bytes: inout [UInt8]) {
        let position = Int.random(in: 0...bytes.count, using: &self.generator)
        let end = Swift.min(bytes.count, position + Int.random(in: 0...8, using: &self.generator))
        switch Int.random(in: 0..<5, using: &self.generator) {
        case 0: bytes.replaceSubrange(position..<end, with: self.piece())
        case 1: bytes.insert(contentsOf: self.piece(), at: position)
        case 2: bytes.removeSubrange(position..<end)
        case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
        default:
            if position < bytes.count { bytes[position] = UInt8.random(in: 0...255, using: &self.generator) }
        }
    }
}
