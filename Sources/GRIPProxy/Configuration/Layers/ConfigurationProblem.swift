package import GRIPEngine

/// Something to tell whoever configured a proxy: where it is, what is wrong and what to do.
package struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    package let severity: RouteProblem.Severity
    /// A file, or another place that values come from.
    package let source: String
    /// The line in the file, from 1.
    package let line: Int?
    /// The column in the line, from 1.
    package let column: Int?
    /// What is wrong; holds no secret.
    package let reason: String

    package init(
        _ severity: RouteProblem.Severity,
        source: String,
        line: Int? = nil,
        column: Int? = nil,
        _ reason: String
    ) {
        self.severity = severity
        self.source = source
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// Whether the configuration should not be used.
    package var isError: Bool { self.severity == .error }

    /// The problem as compilers write theirs: `routes:3:7: error: a quote is not closed`.
    package var description: String {
        let place = [self.line, self.column].compactMap { $0 }.map { ":\($0)" }.joined()
        return "\(self.source)\(place): \(self.severity.rawValue): \(self.reason)"
    }
}
