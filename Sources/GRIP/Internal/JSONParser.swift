/// A strict JSON reader (RFC 8259) over bytes: linear time, bounded depth, valid UTF-8 only.
///
/// Two things that other programs write are forgiven. A byte-order mark at the start is skipped, as RFC 8259 section 8.1
/// allows. An escape of half a surrogate pair, which is how `JSON.stringify` writes an emoji that was cut in two, is read
/// as U+FFFD: the rest of the text, and the other items of a batch, are not lost for it.
///
/// Written here because control API bodies are read once per publish on the hot path of a proxy, and because the order
/// of an object's members matters to us, which the readers of Foundation do not keep.
package enum JSONParser {
    /// Deeper texts are refused, so that recursion cannot exhaust the stack.
    ///
    /// GRIP needs six levels.
    package static let maximumDepth = 64

    /// What becomes of numbers.
    enum Numbers {
        /// They are values to count with.
        case converted
        /// They keep their text, for documents that are not ours to change.
        case verbatim
    }

    static func parse(_ bytes: Span<UInt8>, _ numbers: Numbers) throws(GRIPError) -> JSONValue {
        var index = ByteOrderMark.length(in: bytes)
        let value = try Self.value(bytes, &index, numbers, depth: 0)
        Self.skipBlanks(bytes, &index)
        guard index == bytes.count else { throw Self.error("unexpected text after the value", index) }
        return value
    }

    private static let place = " (at byte "

    private static func error(_ reason: String, _ index: Int) -> GRIPError {
        GRIPError(.json, "\(reason)\(Self.place)\(index))")
    }

    /// What is wrong with a text that is no JSON, and where.
    ///
    /// - Parameters:
    ///   - error: The error with which the text was refused.
    ///   - text: The text.
    /// - Returns: The reason, and the line and the column in Unicode scalars, both from 1.
    package static func located(_ error: GRIPError, in text: String) -> (reason: String, line: Int, column: Int)? {
        guard let start = error.reason.firstRange(of: Self.place), error.reason.utf8.last == UInt8(ascii: ")"),
            let offset = Int(error.reason[start.upperBound...].dropLast())
        else { return nil }
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars
        let line = before.reversed().prefix { $0 != "\n" }
        let column = line.count + (before.first == "\u{FEFF}" && line.count == before.count ? 0 : 1)
        return (String(error.reason[..<start.lowerBound]), before.count(where: { $0 == "\n" }) + 1, column)
    }

    static func skipBlanks(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count {
            switch bytes[index] {
            case .space, .tab, .newline, .carriageReturn: index += 1
            default: return
            }
        }
    }

    private static func value(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ numbers: Numbers,
        depth: Int
    ) throws(GRIPError) -> JSONValue {
        Self.skipBlanks(bytes, &index)
        guard index < bytes.count else { throw Self.error("unexpected end", index) }
        switch bytes[index] {
        case UInt8(ascii: "{") where depth == Self.maximumDepth, UInt8(ascii: "[") where depth == Self.maximumDepth:
            throw Self.error("nested deeper than \(Self.maximumDepth) levels", index)
        case UInt8(ascii: "{"):
            return .object(try Self.object(bytes, &index, numbers, depth: depth))
        case UInt8(ascii: "["):
            return .array(try Self.array(bytes, &index, numbers, depth: depth))
        case .quote:
            return .string(try Self.string(bytes, &index))
        case UInt8(ascii: "t"):
            try Self.literal("true", bytes, &index)
            return .bool(true)
        case UInt8(ascii: "f"):
            try Self.literal("false", bytes, &index)
            return .bool(false)
        case UInt8(ascii: "n"):
            try Self.literal("null", bytes, &index)
            return .null
        default:
            return try Self.number(bytes, &index, numbers)
        }
    }

    private static func literal(
        _ word: StaticString,
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(GRIPError) {
        let text = Array("\(word)".utf8)
        guard bytes.count - index >= text.count else { throw Self.error("not a JSON value", index) }
        for offset in text.indices where bytes[index + offset] != text[offset] {
            throw Self.error("not a JSON value", index)
        }
        index += text.count
    }

    private static func object(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ numbers: Numbers,
        depth: Int
    ) throws(GRIPError) -> JSONObject {
        index += 1
        var members: [JSONObject.Member] = []
        Self.skipBlanks(bytes, &index)
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index += 1
            return JSONObject()
        }
        members.reserveCapacity(2)
        while true {
            Self.skipBlanks(bytes, &index)
            guard index < bytes.count, bytes[index] == .quote else {
                throw Self.error("expected a member name", index)
            }
            let key = try Self.string(bytes, &index)
            Self.skipBlanks(bytes, &index)
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
                throw Self.error("expected ':'", index)
            }
            index += 1
            members.append(JSONObject.Member(key, try Self.value(bytes, &index, numbers, depth: depth + 1)))
            guard try Self.continues(bytes, &index, until: UInt8(ascii: "}")) else { break }
        }
        return JSONObject(members: members)
    }

    private static func array(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ numbers: Numbers,
        depth: Int
    ) throws(GRIPError) -> [JSONValue] {
        index += 1
        var elements: [JSONValue] = []
        Self.skipBlanks(bytes, &index)
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
            index += 1
            return []
        }
        while true {
            elements.append(try Self.value(bytes, &index, numbers, depth: depth + 1))
            guard try Self.continues(bytes, &index, until: UInt8(ascii: "]")) else { break }
        }
        return elements
    }

    /// Passes the comma or the closing bracket after an element and tells whether there is another element.
    private static func continues(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        until end: UInt8
    ) throws(GRIPError) -> Bool {
        Self.skipBlanks(bytes, &index)
        guard index < bytes.count else { throw Self.error("unexpected end", index) }
        let byte = bytes[index]
        guard byte == .comma || byte == end else { throw Self.error("expected ',' or the closing bracket", index) }
        index += 1
        return byte == .comma
    }

    /// Reads a text, from the quote before it.
    static func string(_ bytes: Span<UInt8>, _ index: inout Int) throws(GRIPError) -> String {
        index += 1
        let start = index
        Self.skipPlainText(bytes, &index)
        if index < bytes.count, bytes[index] == .quote {
            defer { index += 1 }
            return try Self.text(bytes, start..<index)
        }
        return try Self.escapedString(bytes, &index, from: start)
    }

    /// Passes what stands for itself in a text.
    private static func skipPlainText(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, bytes[index] != .quote, bytes[index] != .backslash, bytes[index] >= 0x20 {
            index += 1
        }
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(GRIPError) -> String {
        let text = bytes.extracting(range).withUnsafeBufferPointer(Self.text)
        guard let text else { throw Self.error("text is not UTF-8", range.lowerBound) }
        return text
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        // Most text is ASCII, and making a string of that without another look is much faster.
        let bits = bytes.reduce(0) { $0 | $1 }
        return bits < 0x80 ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }

    private static func escapedString(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        from start: Int
    ) throws(GRIPError) -> String {
        var content: [UInt8] = []
        content.reserveCapacity((index - start) * 2)
        var plainStart = start
        while true {
            bytes.extracting(plainStart..<index).withUnsafeBufferPointer { content.append(contentsOf: $0) }
            guard index < bytes.count else { throw Self.error("unterminated text", start) }
            switch bytes[index] {
            case .quote:
                index += 1
                guard let text = content.withUnsafeBufferPointer(Self.text) else {
                    throw Self.error("text is not UTF-8", start)
                }
                return text
            case .backslash:
                try Self.escape(bytes, &index, into: &content)
            default:
                throw Self.error("control character in a text", index)
            }
            plainStart = index
            Self.skipPlainText(bytes, &index)
        }
    }

    private static func escape(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        into content: inout [UInt8]
    ) throws(GRIPError) {
        guard index + 1 < bytes.count else { throw Self.error("unterminated text", index) }
        let letter = bytes[index + 1]
        index += 2
        switch letter {
        case .quote, .backslash, UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(.newline)
        case UInt8(ascii: "r"): content.append(.carriageReturn)
        case UInt8(ascii: "t"): content.append(.tab)
        case UInt8(ascii: "u"):
            Self.append(try Self.scalar(bytes, &index), to: &content)
        default:
            throw Self.error("unknown escape", index - 2)
        }
    }

    /// Reads the character of a `\u` escape, of which `index` is behind the `u`, and of the second escape of a pair.
    private static func scalar(_ bytes: Span<UInt8>, _ index: inout Int) throws(GRIPError) -> Unicode.Scalar {
        let code = try Self.hexadecimal(bytes, &index)
        if let scalar = Unicode.Scalar(code) { return scalar }
        guard code < 0xDC00, index + 1 < bytes.count, bytes[index] == .backslash, bytes[index + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        var next = index + 2
        let low = try Self.hexadecimal(bytes, &next)
        // What follows half a pair and does not complete it is a character of its own.
        guard (0xDC00..<0xE000).contains(low) else { return "\u{FFFD}" }
        index = next
        return Unicode.Scalar(0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }

    private static func append(_ scalar: Unicode.Scalar, to content: inout [UInt8]) {
        content.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    }

    private static func hexadecimal(_ bytes: Span<UInt8>, _ index: inout Int) throws(GRIPError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw Self.error("short \\u escape", index) }
        var code: UInt32 = 0
        for position in index..<index + 4 {
            guard let digit = bytes[position].hexDigitValue else { throw Self.error("bad \\u escape", position) }
            code = code << 4 | UInt32(digit)
        }
        index += 4
        return code
    }

    private static func number(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ numbers: Numbers
    ) throws(GRIPError) -> JSONValue {
        let start = index
        var isInteger = true
        func digits() throws(GRIPError) {
            let first = index
            while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
            guard index > first else { throw Self.error("not a JSON value", start) }
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let firstDigit = index
        try digits()
        guard bytes[firstDigit] != UInt8(ascii: "0") || index == firstDigit + 1 else {
            throw Self.error("a number must not start with 0", start)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits()
        }
        let text = try Self.text(bytes, start..<index)
        if numbers == .verbatim { return .number(text) }
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw Self.error("number out of range", start) }
        return .double(double)
    }
}
