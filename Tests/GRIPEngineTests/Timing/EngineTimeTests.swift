import GRIPEngine
import Testing

@Suite struct EngineTimeTests {
    @Test func aTimeLaterIsInWholeMilliseconds() {
        let start = EngineTime(milliseconds: 10)
        #expect(start + .milliseconds(5) == EngineTime(milliseconds: 15))
        #expect(start + .seconds(2) > start)
        #expect(start + .microseconds(999) == start)
    }

    @Test func timeEndsRatherThanOverflows() {
        let start = EngineTime(milliseconds: 10)
        #expect(start + .seconds(Int64.max) == EngineTime(milliseconds: .max))
        #expect(start + .seconds(Int64.min) == EngineTime(milliseconds: .min))
        #expect(EngineTime(milliseconds: .max) + .milliseconds(1) == EngineTime(milliseconds: .max))
        #expect(EngineTime(milliseconds: .min) + .milliseconds(-1) == EngineTime(milliseconds: .min))
        #expect(EngineTime(milliseconds: .max) + .seconds(-1) < EngineTime(milliseconds: .max))
    }
}
