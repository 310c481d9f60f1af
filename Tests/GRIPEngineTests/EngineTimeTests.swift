import GRIPEngine
import Testing

@Suite struct EngineTimeTests {
    @Test func aTimeLaterIsInWholeMilliseconds() {
        let start = EngineTime(milliseconds: 10)
        #expect(start + .milliseconds(5) == EngineTime(milliseconds: 15))
        #expect(start + .seconds(2) > start)
        #expect(start + .microseconds(999) == start)
    }
}
