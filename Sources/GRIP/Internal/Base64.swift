/// Base64 (RFC 4648 §4 and §5), without Foundation.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        return table
    }()

    /// Encodes with the standard alphabet and padding.
    package static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.withContiguousStorageIfAvailable(Self.encodeElements) ?? Self.encodeElements(Array(bytes))
    }

    private static func encodeElements(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        let alphabet = self.alphabet
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                result.append(alphabet[Int(group >> 18)])
                result.append(alphabet[Int(group >> 12 & 63)])
                result.append(alphabet[Int(group >> 6 & 63)])
                result.append(alphabet[Int(group & 63)])
                group = 0
                count = 0
            }
        }
        if count == 1 {
            result.append(alphabet[Int(group >> 2)])
            result.append(alphabet[Int(group << 4 & 63)])
            result.append(contentsOf: [UInt8(ascii: "="), UInt8(ascii: "=")])
        } else if count == 2 {
            result.append(alphabet[Int(group >> 10)])
            result.append(alphabet[Int(group >> 4 & 63)])
            result.append(alphabet[Int(group << 2 & 63)])
            result.append(UInt8(ascii: "="))
        }
        return result
    }

    /// Decodes as proxies do: what is not of the standard alphabet is skipped, and what is left over is dropped.
    package static func decodeLeniently(_ text: some Sequence<UInt8>) -> [UInt8] {
        let digits = text.filter {
            Self.values[Int($0)] != 0xFF && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_")
        }
        var result: [UInt8] = []
        result.reserveCapacity(digits.count / 4 * 3)
        var group: UInt32 = 0
        var bits = 0
        for digit in digits {
            group = group << 6 | UInt32(Self.values[Int(digit)])
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return result
    }

    /// Decodes either alphabet; anything that is not Base64 is nothing.
    ///
    /// Padding may be missing and white space is skipped.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        // Other modules cannot specialize this function, and byte by byte an unspecialized one is slow.
        let result = text.withContiguousStorageIfAvailable(Self.decodeElements)
        return result ?? Self.decodeElements(Array(text))
    }

    private static func decodeElements(_ text: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        let values = self.values
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                continue
            case UInt8(ascii: "="):
                padding += 1
            default:
                let value = values[Int(byte)]
                guard value != 0xFF, padding == 0 else { return nil }
                group = group << 6 | UInt32(value)
                digits += 1
                if digits == 4 {
                    result.append(UInt8(truncatingIfNeeded: group >> 16))
                    result.append(UInt8(truncatingIfNeeded: group >> 8))
                    result.append(UInt8(truncatingIfNeeded: group))
                    group = 0
                    digits = 0
                }
            }
        }
        switch digits {
        case 0:
            guard padding == 0 else { return nil }
        case 2:
            guard padding == 0 || padding == 2, group & 0xF == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            guard padding <= 1, group & 0x3 == 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: group >> 10))
            result.append(UInt8(truncatingIfNeeded: group >> 2))
        default:
            return nil
        }
        return result
    }
}
