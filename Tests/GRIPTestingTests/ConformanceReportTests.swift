import Testing

@testable import GRIPTesting

/// What a report tells.
@Suite struct ConformanceReportTests {
    private func result(_ id: String, fails: Bool) -> GRIPConformanceResult {
        GRIPConformanceResult(
            scenario: GRIPConformanceScenario(id, "Title of \(id)", .must) { _ in },
            failure: fails ? GRIPConformanceFailure(scenario: id, expected: "this", observed: "that") : nil,
            duration: .milliseconds(1500)
        )
    }

    private func report(_ results: [GRIPConformanceResult], deviating ids: String...) -> GRIPConformanceReport {
        GRIPConformanceReport(
            target: "the proxy",
            results: results,
            deviations: ids.map { GRIPConformanceDeviation($0, "Because of \($0).") },
            duration: .seconds(2)
        )
    }

    @Test func everyResultHasAVerdict() {
        let results = [
            self.result("a", fails: false), self.result("b", fails: true), self.result("c", fails: false),
            self.result("d", fails: true),
        ]
        let report = self.report(results, deviating: "c", "d")
        #expect(results.map { report.verdict(on: $0) } == [.passed, .failed, .unexpectedlyPassed, .deviates])
        let text = "\(report)"
        #expect(text.hasSuffix("the proxy: 1 deviates, 1 failed, 1 passed, 1 unexpectedly passed, in 2000 ms"))
        for part in ["Title of a", "expected this", "got      that", "Because of d.", "1500 ms"] {
            #expect(text.contains(part))
        }
    }

    @Test func onlyKnownDeviationsPass() {
        #expect(self.report([self.result("a", fails: false)]).isPassed)
        #expect(self.report([self.result("a", fails: true)], deviating: "a").isPassed)
        #expect(!self.report([self.result("a", fails: true)]).isPassed)
        #expect(!self.report([self.result("a", fails: false)], deviating: "a").isPassed)
    }

    @Test func idsAreUniqueAndTitlesSentences() {
        let scenarios = GRIPConformanceSuite.scenarios
        #expect(Set(scenarios.map(\.id)).count == scenarios.count)
        #expect(scenarios.allSatisfy { $0.id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })
        #expect(scenarios.allSatisfy { !$0.title.hasSuffix(".") && !$0.title.isEmpty })
    }
}
