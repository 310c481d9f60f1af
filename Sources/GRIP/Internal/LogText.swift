/// Text of clients, origins and publishers as a log line may hold it: short, and without anything that could pass for
/// another line or move a terminal's cursor.
package enum LogText {
    /// How many bytes of a foreign text a log line holds.
    package static let maximumByteCount = 256

    /// Cuts a text and escapes its control characters.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limit: How many bytes of it are kept.
    /// - Returns: The text. One that was cut says how long it was.
    package static func cut(_ text: some StringProtocol, to limit: Int = Self.maximumByteCount) -> String {
        let byteCount = text.utf8.count
        if byteCount <= limit, text.utf8.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) { return String(text) }
        var result = ""
        var kept = 0
        for scalar in text.unicodeScalars {
            kept += UTF8.width(scalar)
            if kept > limit { return "\(result)… (\(byteCount) bytes)" }
            if Self.isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    /// The path of a request target, cut; queries hold tokens and names of people.
    package static func path(_ target: some StringProtocol) -> String { Self.cut(Self.wholePath(target)) }

    /// The path of a request target as it is, for what cuts it later.
    package static func wholePath<Target: StringProtocol>(_ target: Target) -> Target.SubSequence {
        target.prefix { $0 != "?" && $0 != "#" }
    }

    /// A URI, cut, without its query and without a user and a password.
    package static func uri(_ text: some StringProtocol) -> String {
        let path = Self.wholePath(text)
        guard let at = path.lastIndex(of: "@") else { return Self.cut(path) }
        return Self.cut("(redacted)" + path[at...])
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters turn the direction of what follows them.
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
