/// The JavaScript function that a JSON-P response calls.
///
/// Only names that can do nothing but name: identifiers of ASCII letters, digits, `_` and `$`, joined by dots, with
/// numbers in brackets. Anything else would let whoever writes a link run a script of theirs in this origin's name.
package struct JSONPCallback: Sendable, Hashable {
    package static let maximumLength = 128

    package let name: String

    /// Checks a name; nothing where it is none or is longer than ``maximumLength``.
    package init?(_ name: String) {
        guard name.utf8.count <= Self.maximumLength, Self.isExpression(name.utf8) else { return nil }
        self.name = name
    }

    private enum Position {
        case identifierStart
        case identifier
        case indexStart
        case index
        case indexEnd
    }

    private static func isExpression(_ bytes: String.UTF8View) -> Bool {
        var position = Position.identifierStart
        for byte in bytes {
            switch (position, byte) {
            case (.identifierStart, _) where Self.isLetter(byte), (.identifier, _) where Self.isLetter(byte),
                (.identifier, _) where Self.isDigit(byte):
                position = .identifier
            case (.identifier, UInt8(ascii: ".")), (.indexEnd, UInt8(ascii: ".")): position = .identifierStart
            case (.identifier, UInt8(ascii: "[")), (.indexEnd, UInt8(ascii: "[")): position = .indexStart
            case (.indexStart, _) where Self.isDigit(byte), (.index, _) where Self.isDigit(byte): position = .index
            case (.index, UInt8(ascii: "]")): position = .indexEnd
            default: return false
            }
        }
        return position == .identifier || position == .indexEnd
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "$"):
            true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
