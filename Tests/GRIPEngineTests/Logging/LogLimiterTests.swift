import GRIP
import GRIPEngine
import Testing

@Suite struct LogLimiterTests {
    private func time(_ milliseconds: Int64) -> EngineTime { EngineTime(milliseconds: milliseconds) }

    private func limiter(lines: Int = 2, keys: Int = 3) -> LogLimiter<String> {
        var rate = LogLimiter<String>.Rate()
        (rate.lines, rate.interval, rate.keys) = (lines, .seconds(10), keys)
        return LogLimiter(rate)
    }

    @Test func theFirstLinesAreWrittenAndTheOthersCounted() {
        var limiter = self.limiter()
        #expect(limiter.decide("a", at: self.time(0)) == .write(leftOut: 0))
        #expect(limiter.decide("a", at: self.time(1)) == .write(leftOut: 0))
        for _ in 0..<5 { #expect(limiter.decide("a", at: self.time(9_999)) == .leaveOut) }
        #expect(limiter.decide("a", at: self.time(10_000)) == .write(leftOut: 5))
        #expect(limiter.decide("a", at: self.time(10_001)) == .write(leftOut: 0))
        #expect(limiter.decide("a", at: self.time(10_002)) == .leaveOut)
    }

    @Test func keysDoNotTakeFromEachOther() {
        var limiter = self.limiter(lines: 1)
        #expect(limiter.decide("a", at: self.time(0)) == .write(leftOut: 0))
        #expect(limiter.decide("a", at: self.time(0)) == .leaveOut)
        #expect(limiter.decide("b", at: self.time(0)) == .write(leftOut: 0))
    }

    @Test func whatWasLeftOutIsToldWithoutAnotherLine() {
        var limiter = self.limiter(lines: 1)
        for _ in 0..<4 { _ = limiter.decide("a", at: self.time(0)) }
        _ = limiter.decide("b", at: self.time(0))
        #expect(limiter.takeLeftOut(at: self.time(9_999)) == [])
        #expect(limiter.takeLeftOut(at: self.time(10_000)) == [.init(key: "a", count: 3)])
        #expect(limiter.takeLeftOut(at: self.time(20_000)) == [])
        #expect(limiter.decide("a", at: self.time(20_000)) == .write(leftOut: 0))
    }

    @Test func keysBeyondTheLimitShareOneRate() {
        var limiter = self.limiter(lines: 1, keys: 2)
        #expect(limiter.decide("a", at: self.time(0)) == .write(leftOut: 0))
        #expect(limiter.decide("b", at: self.time(0)) == .write(leftOut: 0))
        #expect(limiter.decide("c", at: self.time(1)) == .write(leftOut: 0))
        for number in 0..<10 { #expect(limiter.decide("d\(number)", at: self.time(2)) == .leaveOut) }
        #expect(limiter.takeLeftOut(at: self.time(10_001)) == [.init(key: nil, count: 10)])
    }

    @Test func keysThatAreQuietMakeRoom() {
        var limiter = self.limiter(lines: 1, keys: 2)
        _ = limiter.decide("a", at: self.time(0))
        _ = limiter.decide("b", at: self.time(0))
        #expect(limiter.decide("c", at: self.time(10_000)) == .write(leftOut: 0))
        #expect(limiter.decide("d", at: self.time(10_000)) == .write(leftOut: 0))
    }

    /// Each line is written or counted, whatever comes when.
    @Test(arguments: UInt64(0)..<20) func noLineIsLost(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var limiter = self.limiter(lines: 3, keys: 4)
        var now: Int64 = 0
        var (lines, written, told) = (0, 0, 0)
        for _ in 0..<5_000 {
            now += Int64.random(in: 0...50, using: &generator)
            lines += 1
            if case .write(let leftOut) = limiter.decide(
                "\(Int.random(in: 0..<8, using: &generator))",
                at: self.time(now)
            ) {
                written += 1
                told += leftOut
            }
            if Int.random(in: 0..<200, using: &generator) == 0 {
                told += limiter.takeLeftOut(at: self.time(now)).reduce(0) { $0 + $1.count }
            }
        }
        told += limiter.takeLeftOut(at: self.time(now + 100_000)).reduce(0) { $0 + $1.count }
        #expect(written + told == lines)
    }
}
