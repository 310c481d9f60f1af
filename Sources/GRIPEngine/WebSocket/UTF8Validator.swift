/// Checks text that comes in pieces.
///
/// It fails at the first byte that no valid text can have there, which may be long before the text ends.
struct UTF8Validator: Sendable, Hashable {
    /// Continuation bytes that the character still needs.
    private var missing: UInt8 = 0
    /// The range of the next continuation byte; only the first one after some leading bytes has a smaller one.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether a character is complete.
    var isAtBoundary: Bool { self.missing == 0 }

    /// Takes a piece.
    ///
    /// - Returns: Whether the text can still be valid.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if self.missing == 0 {
                // Most text is ASCII.
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { return true }
            }
            guard self.consume(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard self.missing == 0 else {
            guard (self.lowest...self.highest).contains(byte) else { return false }
            self.missing -= 1
            (self.lowest, self.highest) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0..<0x80: return true
        case 0xC2...0xDF: self.missing = 1
        case 0xE0: (self.missing, self.lowest) = (2, 0xA0)
        case 0xED: (self.missing, self.highest) = (2, 0x9F)
        case 0xE1...0xEF: self.missing = 2
        case 0xF0: (self.missing, self.lowest) = (3, 0x90)
        case 0xF1...0xF3: self.missing = 3
        case 0xF4: (self.missing, self.highest) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
