/// Makes the keys with which frames to origins are masked (RFC 6455 section 5.3).
///
/// Asking the system for each would take a system call a frame. The generator is xoshiro256**, of whose state a key shows
/// a fraction, and which gets a new one from the system's random numbers long before keys would tell it.
package struct MaskKeyGenerator: Sendable {
    /// How many keys come from one seed.
    package static let keysPerSeed = 1024

    private var state: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private var left = 0

    package init() {}

    /// The next key.
    ///
    /// - Parameter source: The system's random numbers, or others in tests.
    package mutating func next(seededBy source: inout some RandomNumberGenerator) -> UInt32 {
        if self.left == 0 {
            // A state of zeros would stay one.
            self.state = (source.next(), source.next(), source.next(), source.next() | 1)
            self.left = Self.keysPerSeed
        }
        self.left -= 1
        let result = Self.rotated(self.state.1 &* 5, by: 7) &* 9
        let shifted = self.state.1 << 17
        self.state.2 ^= self.state.0
        self.state.3 ^= self.state.1
        self.state.1 ^= self.state.2
        self.state.0 ^= self.state.3
        self.state.2 ^= shifted
        self.state.3 = Self.rotated(self.state.3, by: 45)
        return UInt32(truncatingIfNeeded: result >> 32)
    }

    private static func rotated(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
