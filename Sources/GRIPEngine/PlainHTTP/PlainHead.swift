import NIOCore

/// Reads the lines of the head of an HTTP/1.1 message (RFC 9112) where they are, as nearly everybody writes them.
///
/// Whatever is valid but unusual is not read here, so that it is left to a decoder of all of HTTP.
enum PlainHead {
    /// A line with a name and a value, which is without the blanks around it.
    struct Field {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// Passes a text, if it comes next.
    static func skip(_ text: StaticString, _ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        let isThere = text.withUTF8Buffer { text in
            for offset in 0..<count where bytes[index + offset] != text[offset] { return false }
            return true
        }
        if isThere { index += count }
        return isThere
    }

    /// Passes the target of a request and the space behind it.
    ///
    /// - Returns: Nothing unless it is a path, perhaps with a query, in the characters that these have (RFC 3986).
    static func target(_ bytes: Span<UInt8>, _ index: inout Int) -> Range<Int>? {
        let start = index
        while index < bytes.count, bytes[index].isPlainTargetByte { index += 1 }
        guard start < index, index < bytes.count, bytes[start] == UInt8(ascii: "/"), bytes[index] == UInt8(ascii: " ")
        else {
            return nil
        }
        index += 1
        return start..<(index - 1)
    }

    /// Passes a line with a field.
    static func field(_ bytes: Span<UInt8>, _ index: inout Int) -> Field? {
        let start = index
        while index < bytes.count, bytes[index].isPlainNameByte { index += 1 }
        guard start < index, index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return nil }
        let name = start..<index
        index += 1
        guard var value = Self.line(bytes, &index) else { return nil }
        while let first = value.first, bytes[first] == UInt8(ascii: " ") { value.removeFirst() }
        while let last = value.last, bytes[last] == UInt8(ascii: " ") { value.removeLast() }
        return Field(name: name, value: value)
    }

    /// Passes visible characters and spaces up to the end of the line.
    static func line(_ bytes: Span<UInt8>, _ index: inout Int) -> Range<Int>? {
        let start = index
        while index < bytes.count, (0x20...0x7E).contains(bytes[index]) { index += 1 }
        guard bytes.count - index >= 2, bytes[index] == UInt8(ascii: "\r"), bytes[index + 1] == UInt8(ascii: "\n")
        else { return nil }
        index += 2
        return start..<(index - 2)
    }

    /// How many lines there are before an empty one.
    static func lineCount(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var count = 0
        var lineStart = start
        for index in start..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
            if index - lineStart < 2 { break }
            count += 1
            lineStart = index + 1
        }
        return count
    }

    /// Whether a range has a text, whatever the case of its letters.
    ///
    /// - Parameter text: Lower-case letters and hyphens.
    static func matches(_ range: Range<Int>, _ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            // Only letters differ from their lower case in this bit alone, and the text has no other signs with a pair.
            for offset in 0..<text.count where bytes[range.lowerBound + offset] | 0x20 != text[offset] { return false }
            return true
        }
    }

    /// The text of a range that is known to be ASCII.
    static func text(_ range: Range<Int>, _ bytes: Span<UInt8>) -> String {
        bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// A number of at most nine digits.
    static func number(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
        guard (1...9).contains(range.count) else { return nil }
        var number = 0
        for index in range {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return number
    }
}

extension UInt8 {
    fileprivate var isPlainNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    fileprivate var isPlainTargetByte: Bool {
        switch self {
        case UInt8(ascii: "?")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "$")...UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: "!"):
            true
        default: false
        }
    }
}
