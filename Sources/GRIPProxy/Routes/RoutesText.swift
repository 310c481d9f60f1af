import GRIP

/// The text of a routes file as lines.
package enum RoutesText {
    /// All lines, also empty ones and comments, so that their numbers stay those of the file.
    package static func lines(of text: String) -> [String] {
        // By scalars: a carriage return and a newline are one character.
        var lines = text.skippingByteOrderMark().unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                String(String.UnicodeScalarView(line.last == "\r" ? line.dropLast() : line))
            }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
