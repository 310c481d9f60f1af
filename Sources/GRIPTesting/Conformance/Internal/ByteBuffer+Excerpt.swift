import GRIP
import NIOCore

extension ByteBuffer {
    /// The bytes for a message to people: quoted, control characters escaped, the middle of long ones left out.
    var excerpt: String {
        let shown = 160
        guard self.readableBytes > 2 * shown else { return "“\(Self.escaped(self.readableBytesView))”" }
        let head = Self.escaped(self.readableBytesView.prefix(shown))
        let tail = Self.escaped(self.readableBytesView.suffix(shown))
        return "“\(head)” … “\(tail)” (\(self.readableBytes) bytes)"
    }

    private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\\": text += "\\\\"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    text += "\\x" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        return text
    }

    /// Takes everything up to the end of a text, and the text.
    mutating func readSlice(through text: String) -> ByteBuffer? {
        guard let length = self.distance(to: Array(text.utf8)) else { return nil }
        return self.readSlice(length: length + text.utf8.count)
    }

    /// How many bytes stand before others.
    private func distance(to wanted: [UInt8]) -> Int? {
        let view = self.readableBytesView
        guard let range = view.firstRange(of: wanted) else { return nil }
        return range.lowerBound - view.startIndex
    }

    /// Whether some text is among the bytes.
    func contains(_ text: String) -> Bool { self.distance(to: Array(text.utf8)) != nil }

    /// Whether some bytes are among the bytes.
    func contains(_ bytes: ByteBuffer) -> Bool { self.distance(to: Array(bytes.readableBytesView)) != nil }
}

extension ByteBuffer {
    /// That many bytes, each value in turn.
    static func pattern(_ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).lazy.map { UInt8(truncatingIfNeeded: $0 &* 31 &+ ($0 >> 8)) })
    }
}
