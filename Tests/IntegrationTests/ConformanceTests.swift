import GRIP
import GRIPProxy
import GRIPTesting
import Testing

/// The conformance suite on a real Pushpin, which it must agree with.
@Suite(.needsPushpin, .conformanceSession(.pushpin), .timeLimit(.minutes(5))) struct ConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        try await check(scenario, deviations: GRIPConformanceDeviation.pushpin1_36)
    }
}

/// The conformance suite on `grip proxy`.
@Suite(.conformanceSession(.grip), .timeLimit(.minutes(5))) struct GripConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        try await check(scenario, deviations: GRIPConformanceDeviation.gripProxy)
    }
}

/// The conformance suite on the proxy in the process of its application, without a socket between.
@Suite(.conformanceSession(.embedded(.inherited)), .timeLimit(.minutes(5))) struct EmbeddedConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        try await check(scenario, deviations: GRIPConformanceDeviation.embedded)
    }
}

/// The same with handlers on the event loops of their clients.
@Suite(.conformanceSession(.embedded(.eventLoop)), .timeLimit(.minutes(5))) struct EventLoopConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        try await check(scenario, deviations: GRIPConformanceDeviation.embedded)
    }
}

/// The conformance suite on two proxies with a bus, where publishers connect to the one that holds nobody.
@Suite(.conformanceSession(.instances), .timeLimit(.minutes(5))) struct InstancesConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        try await check(scenario, deviations: GRIPConformanceDeviation.instances)
    }
}

/// The same with a real server of NATS between the two.
@Suite(.needsNATS, .conformanceSession(.instancesOverNATS), .timeLimit(.minutes(5))) struct NATSConformanceTests {
    @Test(arguments: GRIPConformanceSuite.scenarios)
    func scenario(_ scenario: GRIPConformanceScenario) async throws {
        try await check(scenario, deviations: GRIPConformanceDeviation.instances)
    }
}

@Suite struct ConformanceDeviationTests {
    @Test(arguments: [
        GRIPConformanceDeviation.pushpin1_36, GRIPConformanceDeviation.gripProxy, GRIPConformanceDeviation.embedded,
        GRIPConformanceDeviation.instances,
    ])
    func everyDeviationNamesAScenario(_ deviations: [GRIPConformanceDeviation]) {
        let ids = GRIPConformanceSuite.scenarios.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(Set(deviations.map(\.scenario)).subtracting(ids).isEmpty)
    }
}

@Suite struct ConformanceFlakeTests {
    private static let failure = GRIPConformanceFailure(expected: "one", observed: "two")

    @Test func aScenarioThatPassesAtItsSecondTryIsAFailureUnlessItIsKnown() {
        let flakes = ConformanceFlakes(known: [.init(scenario: "a", proxy: "grip", reason: "a race", limit: 2)])
        func problem(_ scenario: String, _ proxy: String) -> String? {
            flakes.note(Self.failure, of: scenario, on: proxy).problem
        }
        #expect(problem("a", "grip") == nil)
        #expect(problem("a", "pushpin")?.contains("expected one; got two") == true)
        #expect(problem("b", "grip")?.hasPrefix("b on grip fails and then passes") == true)
        #expect(problem("a", "grip") == nil)
        #expect(problem("a", "grip")?.contains("3 times, with a limit of 2") == true)
        let line = flakes.note(Self.failure, of: "b", on: "grip").line
        #expect(line == "Flaky: b on grip failed and then passed; 6 so far. At first: expected one; got two")
    }

    @Test func everyKnownOneIsAScenarioWithAReasonAndALimit() {
        let ids = Set(GRIPConformanceSuite.scenarios.map(\.id))
        for known in ConformanceFlakes.known {
            #expect(ids.contains(known.scenario))
            #expect(!known.reason.isEmpty)
            #expect((1...2).contains(known.limit))
        }
    }
}

/// For the scenarios of all proxies.
private let turnstile = Turnstile(16)

/// Runs a scenario that passes unless it is known not to.
private func check(_ scenario: GRIPConformanceScenario, deviations: [GRIPConformanceDeviation]) async throws {
    let session = try #require(ConformanceSessionTrait.session)
    var result = try await turnstile.pass { try await session.run(scenario) }
    let reason = deviations.first { $0.scenario == scenario.id }?.reason
    if let failure = result.failure, reason == nil {
        result = try await turnstile.pass { try await session.run(scenario) }
        if result.failure == nil {
            let (line, problem) = ConformanceFlakes.shared.note(failure, of: scenario.id, on: session.target.name)
            print(line)
            // Elsewhere a machine may be busy with something else.
            if let problem, Peer.isCI { Issue.record("\(problem)") }
        }
    }
    switch (result.failure, reason) {
    case (nil, nil), (.some, .some): break
    case (let failure?, nil): Issue.record("\(failure)")
    case (nil, let reason?): Issue.record("\(scenario.id) passes although it is known not to: \(reason)")
    }
}
