import GRIP
import NIOCore

extension ByteBuffer {
    /// The bytes for a message to people: quoted, control characters escaped, the middle of long ones left out.
    var excerpt: String {
        let shown = 120
        guard self.readableBytes > 2 * shown else { return "“\(Self.escaped(self.readableBytesView))”" }
        let head = Self.escaped(self.readableBytesView.prefix(shown))
        let tail = Self.escaped(self.readableBytesView.suffix(shown))
        return "“\(head)” … “\(tail)” (\(self.readableBytes) bytes)"
    }

    private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        // What is no text is shown byte by byte.
        guard let text = String(validating: bytes, as: UTF8.self) else { return bytes.map(Self.escaped).joined() }
        return text.unicodeScalars.map { scalar in
            UInt8(exactly: scalar.value).flatMap { $0 < 0x80 ? Self.escaped($0) : nil } ?? String(scalar)
        }.joined()
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case .newline: "\\n"
        case .carriageReturn: "\\r"
        case .tab: "\\t"
        case .backslash: "\\\\"
        case 0x20..<0x7F: String(UnicodeScalar(byte))
        default: "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
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
