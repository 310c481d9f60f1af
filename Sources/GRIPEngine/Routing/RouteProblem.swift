/// Something to tell whoever wrote a routes file.
package struct RouteProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What a problem does to its line.
    package enum Severity: String, Sendable, Hashable {
        /// The line is used all the same.
        case warning
        /// The line is not used.
        case error
    }

    package let severity: Severity
    /// The line in the file, from 1.
    package let line: Int
    /// The column in the line, from 1, in Unicode scalars.
    package let column: Int
    /// What is wrong.
    ///
    /// It never shows the value of a key.
    package let reason: String

    package init(_ severity: Severity, line: Int, column: Int, _ reason: String) {
        self.severity = severity
        self.line = line
        self.column = column
        self.reason = reason
    }

    package var description: String { "\(self.line):\(self.column): \(self.severity.rawValue): \(self.reason)" }
}
