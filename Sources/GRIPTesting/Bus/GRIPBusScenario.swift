public import GRIP

/// Something that any `GRIPBus` must do.
public struct GRIPBusScenario: Sendable {
    /// What it is called, for ever.
    public let id: String
    /// What must be so.
    public let requirement: String
    private let body: @Sendable (BusScenarioRun) async throws -> Void

    init(_ id: String, _ requirement: String, _ body: @escaping @Sendable (BusScenarioRun) async throws -> Void) {
        self.id = id
        self.requirement = requirement
        self.body = body
    }

    /// Asks it of a kind of bus.
    ///
    /// - Parameters:
    ///   - patience: How long to wait for anything that is expected to happen at once.
    ///   - makeBus: Makes a bus that does not run yet. All that one run makes must be connected with each other and with no
    ///     others.
    /// - Throws: A ``GRIPConformanceFailure`` when the bus does otherwise, or what `makeBus` throws.
    public func run(
        patience: Duration = .seconds(10),
        _ makeBus: @escaping @Sendable () async throws -> any GRIPBus
    ) async throws {
        let run = BusScenarioRun(scenario: self.id, patience: patience, makeBus: makeBus)
        try await self.body(run)
    }
}

extension GRIPBusScenario: CustomStringConvertible {
    /// The id.
    public var description: String { self.id }
}
