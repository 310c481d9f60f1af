import NIOCore
import TestSupport

/// Inputs that nobody means well with: changed copies of good ones, and pieces in a random order.
struct HostileBytes {
    var generator: SplitMix64
    let seeds: [[UInt8]]
    let pieces: [[UInt8]]

    init(seed: UInt64, seeds: [String], pieces: [String]) {
        self.generator = SplitMix64(seed: seed)
        self.seeds = seeds.map { Array($0.utf8) }
        self.pieces = pieces.map { Array($0.utf8) }
    }

    mutating func next() -> [UInt8] {
        guard Int.random(in: 0..<4, using: &self.generator) > 0 else {
            let count = Int.random(in: 0...12, using: &self.generator)
            return (0..<count).flatMap { _ in self.pieces.randomElement(using: &self.generator) ?? [] }
        }
        var bytes = self.seeds.randomElement(using: &self.generator) ?? []
        for _ in 0..<Int.random(in: 1...3, using: &self.generator) { self.mutate(&bytes) }
        return bytes
    }

    /// The next input as text; what is not UTF-8 is replaced.
    mutating func nextText() -> String { String(decoding: self.next(), as: UTF8.self) }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let start = Int.random(in: 0...bytes.count, using: &self.generator)
        let end = min(bytes.count, start + Int.random(in: 0...6, using: &self.generator))
        switch Int.random(in: 0..<4, using: &self.generator) {
        case 0: bytes.replaceSubrange(start..<end, with: self.pieces.randomElement(using: &self.generator) ?? [])
        case 1: bytes.removeSubrange(start..<end)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: start)
        default: bytes.insert(UInt8.random(in: 0...255, using: &self.generator), at: start)
        }
    }
}
