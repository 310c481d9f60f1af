/// The character U+FEFF at the start of a text, which some editors and programs write there and which is no part of it.
package enum ByteOrderMark {
    private static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// How many bytes of a text the mark takes: 3, or 0 when there is none.
    static func length(in text: Span<UInt8>) -> Int {
        text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF ? 3 : 0
    }

    /// The bytes of a text without the mark.
    package static func skipped(_ text: [UInt8]) -> ArraySlice<UInt8> {
        text.starts(with: Self.bytes) ? text.dropFirst(Self.bytes.count) : text[...]
    }
}

extension StringProtocol {
    /// The text without a byte-order mark at its start.
    package func skippingByteOrderMark() -> SubSequence {
        self.unicodeScalars.first == "\u{FEFF}" ? self[self.unicodeScalars.index(after: self.startIndex)...] : self[...]
    }
}
