import GRIPTesting
import Testing

@Suite("The loopback bus", .timeLimit(.minutes(2))) struct LoopbackBusTests {
    @Test("It is a bus", arguments: GRIPBusConformanceSuite.scenarios)
    func conformance(_ scenario: GRIPBusScenario) async throws {
        let network = GRIPLoopbackNetwork()
        try await scenario.run { network.makeBus() }
    }

    @Test("Scenarios have ids of their own") func ids() {
        let ids = GRIPBusConformanceSuite.scenarios.map(\.id)
        #expect(Set(ids).count == ids.count)
    }
}
