/// Why a proxy does not do what a scenario asks of it.
public struct GRIPConformanceFailure: Error, Sendable, Hashable {
    /// The id of the scenario.
    public internal(set) var scenario: String?
    /// What should have happened.
    public let expected: String
    /// What happened.
    public let observed: String

    /// Makes a failure.
    ///
    /// - Parameters:
    ///   - scenario: The id of the scenario.
    ///   - expected: What should have happened.
    ///   - observed: What happened.
    public init(scenario: String? = nil, expected: String, observed: String) {
        self.scenario = scenario
        self.expected = expected
        self.observed = observed
    }
}

extension GRIPConformanceFailure: CustomStringConvertible {
    /// The scenario, what should have happened, and what did.
    public var description: String {
        let prefix = self.scenario.map { "\($0): " } ?? ""
        return "\(prefix)expected \(self.expected); got \(self.observed)"
    }
}
