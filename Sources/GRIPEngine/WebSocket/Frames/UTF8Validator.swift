import NIOCore

/// Checks UTF-8 that arrives in pieces, and finds the first byte that cannot be part of it.
struct UTF8Validator: Sendable {
    /// How many bytes of the current character are still to come.
    private var missing: UInt8 = 0
    /// What the next of them may be: not all of them may follow all first bytes.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether a whole text is UTF-8.
    static func isUTF8(_ text: ByteBuffer) -> Bool {
        var validator = UTF8Validator()
        return validator.accepts(text.readableBytesUInt8Span) && validator.isComplete
    }

    /// Whether no character is incomplete.
    var isComplete: Bool { self.missing == 0 }

    /// Takes a piece and tells whether the text can still be UTF-8.
    mutating func accepts(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if self.missing == 0 {
                index = Self.endOfASCII(bytes, from: index)
                guard index < bytes.count else { return true }
            }
            guard self.accepts(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Skips ASCII eight bytes at a time, because most text has little else.
    private static func endOfASCII(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = bytes.bytes
        var index = start
        while index + 8 <= bytes.count {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word & 0x8080_8080_8080_8080 == 0 else { break }
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        return index
    }

    private mutating func accepts(_ byte: UInt8) -> Bool {
        guard self.missing == 0 else {
            guard self.lowest <= byte, byte <= self.highest else { return false }
            self.await(self.missing - 1)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: self.await(1)
        // Neither longer than needed nor half of a pair of surrogates nor beyond the last character.
        case 0xE0: self.await(2, from: 0xA0)
        case 0xED: self.await(2, to: 0x9F)
        case 0xE1...0xEF: self.await(2)
        case 0xF0: self.await(3, from: 0x90)
        case 0xF1...0xF3: self.await(3)
        case 0xF4: self.await(3, to: 0x8F)
        default: return false
        }
        return true
    }

    private mutating func await(_ count: UInt8, from lowest: UInt8 = 0x80, to highest: UInt8 = 0xBF) {
        self.missing = count
        self.lowest = lowest
        self.highest = highest
    }
}
