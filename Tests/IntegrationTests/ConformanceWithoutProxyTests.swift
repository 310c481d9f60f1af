import GRIP
import GRIPTesting
import Testing

/// The conformance suite on something that is no proxy: it must notice.
@Suite(.timeLimit(.minutes(5))) struct ConformanceWithoutProxyTests {
    /// An origin that is its own proxy: requests arrive, and nothing of GRIP happens.
    private func run(
        _ matching: @Sendable (GRIPConformanceScenario) -> Bool
    ) async throws -> [GRIPConformanceResult] {
        let port = try await FreePort.next()
        let target = GRIPConformanceTarget(
            name: "no proxy",
            proxy: .init(port: port),
            control: .init(port: port),
            originPort: port,
            key: try GRIPKey("changeme"),
            patience: .milliseconds(300)
        )
        return try await GRIPConformanceSuite.run(on: target, concurrency: 8, matching: matching).results
    }

    @Test func whatNeedsNoProxyPasses() async throws {
        let results = try await self.run { $0.id.hasPrefix("http.method.") }
        #expect(!results.isEmpty)
        #expect(results.filter { !$0.isPassed }.map(\.scenario.id) == [])
    }

    @Test func whatNeedsAProxyFails() async throws {
        let topics = ["hold", "order", "retry", "filter", "next", "websocket", "instruct.status", "request.sig"]
        let results = try await self.run { scenario in
            topics.contains { scenario.id.hasPrefix($0) } && scenario.level == .must && !scenario.isSlow
        }
        #expect(results.count > 80)
        #expect(results.filter(\.isPassed).map(\.scenario.id) == [])
        #expect(results.allSatisfy { $0.failure?.scenario == $0.scenario.id })
    }

    @Test func aProxyThatIsNotThereIsAFailureOfEachScenario() async throws {
        let target = GRIPConformanceTarget(
            name: "nothing",
            proxy: .init(port: try await FreePort.next()),
            control: .init(port: try await FreePort.next()),
            originPort: try await FreePort.next(),
            key: try GRIPKey("changeme")
        )
        let report = try await GRIPConformanceSuite.run(on: target) { $0.id.hasPrefix("hold.stream.") }
        #expect(!report.results.isEmpty)
        #expect(report.results.allSatisfy { $0.failure?.expected.hasPrefix("a connection to") == true })
    }
}
