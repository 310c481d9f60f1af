/// Base32 (RFC 4648 section 6) without padding, as NATS writes keys.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var group: UInt16 = 0
        var bits = 0
        for byte in bytes {
            group = group << 8 | UInt16(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(Self.alphabet[Int(group >> UInt16(bits) & 31)])
            }
        }
        if bits > 0 { text.append(Self.alphabet[Int(group << UInt16(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes; `nil` for what this does not write.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var group: UInt16 = 0
        var bits = 0
        for character in text {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "2")...UInt8(ascii: "7"): value = character - UInt8(ascii: "2") + 26
            default: return nil
            }
            group = group << 5 | UInt16(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt16(bits)))
            }
        }
        // What is left over is less than one character and holds no bits.
        guard bits < 5, group & (1 << UInt16(bits) - 1) == 0 else { return nil }
        return bytes
    }
}
