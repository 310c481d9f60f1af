/// The suite's origin listening, and scenarios run behind the proxy under test.
///
/// Exists only inside ``GRIPConformanceSuite/withSession(on:concurrency:_:)``.
public struct GRIPConformanceSession: Sendable {
    /// The proxy.
    public let target: GRIPConformanceTarget
    private let origin: Origin
    private let concurrency: Int
    private let freePlaces: Watched<Int>

    init(target: GRIPConformanceTarget, origin: Origin, concurrency: Int) {
        self.target = target
        self.origin = origin
        self.concurrency = max(1, concurrency)
        self.freePlaces = Watched(self.concurrency)
    }

    /// Runs a scenario, as soon as not too many others run.
    ///
    /// - Parameter scenario: The scenario.
    /// - Throws: `CancellationError`.
    /// - Returns: How it went.
    public func run(_ scenario: GRIPConformanceScenario) async throws -> GRIPConformanceResult {
        let needed = scenario.isAlone ? self.concurrency : 1
        try await self.take(needed)
        defer { self.freePlaces.change { $0 += needed } }
        let start = ContinuousClock.now
        let failure = try await self.failure(of: scenario)
        return GRIPConformanceResult(scenario: scenario, failure: failure, duration: .now - start)
    }

    /// Waits for places, however long the scenarios before this one take.
    private func take(_ needed: Int) async throws {
        var isTaken: Bool?
        while isTaken == nil {
            isTaken = try await self.freePlaces.first(within: .seconds(3600)) { places in
                guard places >= needed else { return nil }
                places -= needed
                return true
            }
        }
    }

    private func failure(of scenario: GRIPConformanceScenario) async throws -> GRIPConformanceFailure? {
        let environment = ConformanceEnvironment(self.target, self.origin)
        defer { environment.close() }
        do {
            try await Self.withLimit(scenario.isSlow ? .seconds(90) : .seconds(45)) {
                try await scenario.run(environment)
                try environment.checkOrigin()
            }
            return nil
        } catch var failure as GRIPConformanceFailure {
            failure.scenario = scenario.id
            return failure
        } catch let error where !(error is CancellationError) {
            return GRIPConformanceFailure(
                scenario: scenario.id,
                expected: "a scenario that can be run",
                observed: "\(error)"
            )
        }
    }

    /// Every wait has a limit of its own; this one bounds their sum.
    private static func withLimit(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw GRIPConformanceFailure(expected: "an end within \(limit)", observed: "none")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
