/// How a scenario went.
public struct GRIPConformanceResult: Sendable {
    /// The scenario.
    public let scenario: GRIPConformanceScenario
    /// What the proxy did otherwise, or nothing where it did all that was asked.
    public let failure: GRIPConformanceFailure?
    /// How long it took.
    public let duration: Duration

    /// Whether the proxy did all that was asked.
    public var isPassed: Bool { self.failure == nil }
}
