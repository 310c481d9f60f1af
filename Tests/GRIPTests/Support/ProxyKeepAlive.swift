/// What a proxy makes of `Grip-Keep-Alive`, written from the protocol alone and over bytes, so that it shares no mistake
/// with the module.
enum ProxyKeepAlive {
    static func data(of header: String) -> [UInt8]? {
        let bytes = Array(header.utf8)
        let end = bytes.firstIndex(of: 0x3B) ?? bytes.count
        let first = Self.trim(bytes[..<end])
        var format = "raw"
        for parameter in bytes[end...].split(separator: 0x3B) {
            let pair = parameter.split(separator: 0x3D, maxSplits: 1).map { Self.trim($0) }
            if pair.count == 2, pair[0] == Array("format".utf8) { format = String(decoding: pair[1], as: UTF8.self) }
        }
        switch format {
        case "raw": return first
        case "cstring": return Self.cstring(first)
        case "base64": return Self.base64(first)
        default: return nil
        }
    }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return Array(rest)
    }

    private static func cstring(_ text: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] != 0x5C {
                result.append(text[index])
                index += 1
                continue
            }
            guard index + 1 < text.count else { return nil }
            switch text[index + 1] {
            case 0x5C: result.append(0x5C)
            case 0x72: result.append(0x0D)
            case 0x6E: result.append(0x0A)
            case 0x78:
                guard index + 3 < text.count,
                    let byte = UInt8(String(decoding: text[(index + 2)...(index + 3)], as: UTF8.self), radix: 16)
                else { return nil }
                result.append(byte)
                index += 2
            default: break
            }
            index += 2
        }
        return result
    }

    private static func base64(_ text: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bits = ""
        for byte in text {
            guard let digit = alphabet.firstIndex(of: byte) else { continue }
            let binary = String(digit, radix: 2)
            bits += String(repeating: "0", count: 6 - binary.count) + binary
        }
        var rest = Substring(bits)
        var result: [UInt8] = []
        while rest.count >= 8 {
            result.append(UInt8(rest.prefix(8), radix: 2) ?? 0)
            rest = rest.dropFirst(8)
        }
        return result
    }
}
