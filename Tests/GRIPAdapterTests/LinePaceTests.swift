import Testing

@testable import GRIPAdapter

@Suite struct LinePaceTests {
    @Test func theFirstLinesOfAnIntervalAreWrittenAndTheOthersAreCounted() {
        let pace = LinePace(lines: 2, interval: .seconds(10))
        let start = ContinuousClock.now
        #expect([0, 1, 2, 3].map { pace.next(at: start + .seconds($0)) } == [0, 0, nil, nil])
        #expect(pace.next(at: start + .seconds(10)) == 2)
        #expect(pace.next(at: start + .seconds(11)) == 0)
        #expect(pace.next(at: start + .seconds(12)) == nil)
        #expect(pace.next(at: start + .seconds(100)) == 1)
    }
}
