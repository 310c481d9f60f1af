import GRIP
import GRIPTesting
import Testing

/// The conformance suite on a real Pushpin, which it must agree with.
@Suite(.needsPushpin, .conformanceSession(.pushpin), .timeLimit(.minutes(3))) struct ConformanceTests {
    private static let deviations = Dictionary(
        uniqueKeysWithValues: GRIPConformanceDeviation.pushpin1_36.map { ($0.scenario, $0.reason) }
    )

    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        let session = try #require(ConformanceSessionTrait.session)
        let result = try await session.run(scenario)
        switch (result.failure, Self.deviations[scenario.id]) {
        case (nil, nil), (.some, .some): break
        case (let failure?, nil): Issue.record("\(failure)")
        case (nil, let reason?): Issue.record("\(scenario.id) passes although it is known not to: \(reason)")
        }
    }

    @Test func everyDeviationNamesAScenario() {
        let ids = GRIPConformanceSuite.scenarios.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(Set(Self.deviations.keys).subtracting(ids).isEmpty)
    }
}

/// The conformance suite on `grip proxy`, without exceptions.
@Suite(.conformanceSession(.grip), .timeLimit(.minutes(3))) struct GripConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        let session = try #require(ConformanceSessionTrait.session)
        let result = try await session.run(scenario)
        if let failure = result.failure { Issue.record("\(failure)") }
    }
}
