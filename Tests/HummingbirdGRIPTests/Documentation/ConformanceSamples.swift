import GRIPTesting
import HummingbirdGRIP
import Testing

/// The samples of "Testing a proxy"; they need one, and are only compiled.
struct ConformanceSamples {
    func someScenarios() async throws {
        let target = GRIPConformanceTarget(
            name: "my proxy",
            proxy: .init(port: 7999),
            control: .init(port: 5561),
            originPort: 8000,
            key: try GRIPKey("changeme")
        )
        let report = try await GRIPConformanceSuite.run(on: target) { scenario in
            scenario.level == .must && !scenario.isSlow
        }
        print(report)
    }

    func allScenarios(target: GRIPConformanceTarget) async throws {
        let deviations = [
            GRIPConformanceDeviation("gone.client", "Gone links are not supported."),
            GRIPConformanceDeviation("gone.closed", "Gone links are not supported."),
        ]
        let report = try await GRIPConformanceSuite.run(on: target, deviations: deviations)
        print(report)
    }

    func theWholeSuite() async throws {
        let target = GRIPConformanceTarget(
            name: "my proxy",
            proxy: .init(port: 7999),
            control: .init(port: 5561),
            originPort: 8000,
            key: try GRIPKey("changeme")
        )
        let report = try await GRIPConformanceSuite.run(on: target)
        print(report)
    }
}

/// Not enabled: there is no proxy.
@Suite(.disabled("needs a proxy")) struct ConformanceTestSamples {
    let target: GRIPConformanceTarget

    init() throws {
        self.target = GRIPConformanceTarget(
            name: "my proxy",
            proxy: .init(port: 7999),
            control: .init(port: 5561),
            originPort: 8000,
            key: try GRIPKey("changeme")
        )
    }

    @Test(arguments: GRIPConformanceSuite.scenarios)
    func conforms(_ scenario: GRIPConformanceScenario) async throws {
        try await GRIPConformanceSuite.withSession(on: target) { session in
            let result = try await session.run(scenario)
            #expect(result.failure == nil)
        }
    }
}
