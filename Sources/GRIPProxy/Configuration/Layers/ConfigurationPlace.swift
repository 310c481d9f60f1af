import GRIPEngine

/// Where a value of a configuration stands, and what it is called there.
struct ConfigurationPlace: Sendable, Hashable {
    /// A file, or another place that values come from.
    var source: String
    /// The line in the file, from 1.
    var line: Int?
    var name: String

    func problem(_ severity: RouteProblem.Severity, _ reason: String) -> ConfigurationProblem {
        ConfigurationProblem(severity, source: self.source, line: self.line, "'\(self.name)' \(reason)")
    }
}
