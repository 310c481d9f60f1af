/// A scenario that a proxy is known not to pass, and why.
public struct GRIPConformanceDeviation: Sendable, Hashable {
    /// The id of the scenario.
    public let scenario: String
    /// What the proxy does instead.
    public let reason: String

    /// Makes a deviation.
    ///
    /// - Parameters:
    ///   - scenario: The id of the scenario.
    ///   - reason: What the proxy does instead.
    public init(_ scenario: String, _ reason: String) {
        self.scenario = scenario
        self.reason = reason
    }
}
