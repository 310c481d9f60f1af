import GRIPEngine
import Testing

@Suite("Keys of masked frames")
struct MaskKeyGeneratorTests {
    /// Counts what is asked of the system.
    private struct CountingGenerator: RandomNumberGenerator {
        var count = 0
        private var system = SystemRandomNumberGenerator()

        mutating func next() -> UInt64 {
            self.count += 1
            return self.system.next()
        }
    }

    @Test("They differ, and the system is asked seldom")
    func keys() {
        var source = CountingGenerator()
        var generator = MaskKeyGenerator()
        let keys = (0..<10_000).map { _ in generator.next(seededBy: &source) }
        #expect(source.count == 4 * (10_000 / MaskKeyGenerator.keysPerSeed + 1))
        // Of so many random ones hardly any are equal.
        #expect(Set(keys).count > 9_990)
        for bit in 0..<32 {
            let count = keys.count { $0 >> UInt32(bit) & 1 == 1 }
            #expect((4500...5500).contains(count), "bit \(bit)")
        }
        var other = MaskKeyGenerator()
        let otherKey = other.next(seededBy: &source)
        #expect(otherKey != keys[0])
    }

    @Test("What a known seed gives is xoshiro256**'s")
    func reference() {
        struct Seed: RandomNumberGenerator {
            mutating func next() -> UInt64 { 1 << 50 }
        }
        var seed = Seed()
        var generator = MaskKeyGenerator()
        // Five times the second of four numbers, rotated by 7, times 9; of that, the upper half.
        let key = generator.next(seededBy: &seed)
        #expect(key == 0x5A00_0000)
    }
}
