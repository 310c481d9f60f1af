import GRIP
import NIOCore

/// A directive in a template: `%` and a letter, or with a text in parentheses between them.
struct TemplateDirective: Hashable {
    /// Longer ones are refused, so that one that never ends is not kept for ever.
    static let maximumByteCount = 4096

    /// Where the directive begins in the template.
    let position: Int
    /// How many bytes it has.
    let byteCount: Int
    /// What it is; `%` stands for itself.
    let letter: UInt8
    /// The text in parentheses, without escapes.
    let argument: ByteBuffer?

    /// Reads the directive whose `%` is at a position.
    ///
    /// - Parameters:
    ///   - template: The template.
    ///   - position: The offset of the `%`.
    /// - Throws: ``TemplateError`` when that is no directive.
    /// - Returns: The directive, or nothing when the template ends before it does.
    static func read(_ template: Span<UInt8>, at position: Int) throws(TemplateError) -> TemplateDirective? {
        var index = position + 1
        guard index < template.count else { return nil }
        guard template[index] == UInt8(ascii: "(") else {
            let letter = template[index]
            guard letter == UInt8(ascii: "%") || Self.isLetter(letter) else { throw .malformed(at: position) }
            return TemplateDirective(position: position, byteCount: 2, letter: letter, argument: nil)
        }
        index += 1
        var argument = ByteBuffer()
        while true {
            guard index - position < Self.maximumByteCount else { throw .tooLong(at: position) }
            guard index < template.count else { return nil }
            guard template[index] != UInt8(ascii: ")") else { break }
            if template[index] == .backslash { index += 1 }
            guard index < template.count else { return nil }
            argument.writeInteger(template[index])
            index += 1
        }
        index += 1
        guard index < template.count else { return nil }
        guard Self.isLetter(template[index]) else { throw .malformed(at: position) }
        return TemplateDirective(
            position: position,
            byteCount: index + 1 - position,
            letter: template[index],
            argument: argument
        )
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte.lowercased)
    }
}
