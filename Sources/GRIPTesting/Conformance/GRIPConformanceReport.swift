/// How scenarios went on one proxy.
public struct GRIPConformanceReport: Sendable {
    /// What a result says about the proxy.
    public enum Verdict: String, Sendable, Hashable {
        /// The proxy did all that was asked.
        case passed
        /// The proxy did something else.
        case failed
        /// The proxy did something else, as it is known to.
        case deviates
        /// The proxy did all that was asked, although it is known not to.
        case unexpectedlyPassed = "unexpectedly passed"
    }

    /// What the proxy is called.
    public let target: String
    /// The results, in the order of the suite.
    public let results: [GRIPConformanceResult]
    /// How long the scenarios took altogether.
    public let duration: Duration
    private let reasons: [String: String]

    init(
        target: String,
        results: [GRIPConformanceResult],
        deviations: [GRIPConformanceDeviation],
        duration: Duration
    ) {
        self.target = target
        self.results = results
        self.duration = duration
        self.reasons = Dictionary(deviations.map { ($0.scenario, $0.reason) }, uniquingKeysWith: { $1 })
    }

    /// What a result says about the proxy.
    ///
    /// - Parameter result: One of the report's results.
    /// - Returns: The verdict.
    public func verdict(on result: GRIPConformanceResult) -> Verdict {
        switch (result.isPassed, self.reasons[result.scenario.id] != nil) {
        case (true, false): .passed
        case (true, true): .unexpectedlyPassed
        case (false, false): .failed
        case (false, true): .deviates
        }
    }

    /// Whether the proxy does all that was asked but for what it is known not to do.
    public var isPassed: Bool {
        self.results.allSatisfy { [.passed, .deviates].contains(self.verdict(on: $0)) }
    }
}

extension GRIPConformanceReport: CustomStringConvertible {
    /// A table with a line for each scenario, and a last line with the sums.
    public var description: String {
        var lines: [String] = []
        let width = self.results.map(\.scenario.id.count).max() ?? 0
        for result in self.results {
            let verdict = self.verdict(on: result)
            let id = result.scenario.id.padded(to: width)
            let level = "\(result.scenario.level)".padded(to: 6)
            let duration = result.duration.shown.padded(to: 8)
            lines.append("\(verdict.mark)  \(level)  \(id)  \(duration)  \(result.scenario.title)")
            if let failure = result.failure {
                lines.append("      expected \(failure.expected)")
                lines.append("      got      \(failure.observed)")
            }
            if let reason = self.reasons[result.scenario.id] { lines.append("      known:   \(reason)") }
        }
        let counts = Dictionary(grouping: self.results, by: { self.verdict(on: $0) })
            .map { "\($0.value.count) \($0.key.rawValue)" }
            .sorted()
            .joined(separator: ", ")
        lines.append("\(self.target): \(counts), in \(self.duration.shown)")
        return lines.joined(separator: "\n")
    }
}

extension GRIPConformanceReport.Verdict {
    fileprivate var mark: String {
        switch self {
        case .passed: "ok  "
        case .failed: "FAIL"
        case .deviates: "dev "
        case .unexpectedlyPassed: "PASS"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.count))
    }
}

extension Duration {
    fileprivate var shown: String {
        let milliseconds = self.components.seconds * 1000 + self.components.attoseconds / 1_000_000_000_000_000
        return "\(milliseconds) ms"
    }
}
