import GRIPEngine
import Testing

@Suite("The pace of a body")
struct BodyPaceTests {
    private static func time(_ milliseconds: Int64) -> EngineTime { EngineTime(milliseconds: milliseconds) }

    private static func pace(rate: Int) -> BodyPace { BodyPace(pause: .seconds(60), rate: rate, now: Self.time(0)) }

    @Test("A byte now and then buys little time")
    func trickle() {
        var pace = Self.pace(rate: 100)
        #expect(pace.deadline == Self.time(60_000) && !pace.isAboutRate)
        pace.received(1, now: Self.time(30_000))
        #expect(pace.deadline == Self.time(60_010) && pace.isAboutRate)
        pace.received(1, now: Self.time(60_000))
        #expect(pace.deadline == Self.time(60_020) && pace.isAboutRate)
    }

    @Test("What comes fast enough may pause, but not longer than a pause")
    func fast() {
        var pace = Self.pace(rate: 100)
        for second in Int64(1)...1000 {
            pace.received(200, now: Self.time(second * 1000))
            #expect(pace.deadline == Self.time(second * 1000 + 60_000) && !pace.isAboutRate)
        }
        pace.received(.max, now: Self.time(1_050_000))
        #expect(pace.deadline == Self.time(1_110_000))
    }

    @Test("At exactly the rate a body may take for ever, in pieces of any size", arguments: [1, 7, 100, 4096])
    func exact(size: Int) {
        var pace = Self.pace(rate: 3000)
        var sent = 0
        while sent < 1_000_000 {
            let now = Self.time(Int64(sent) * 1000 / 3000)
            guard now < pace.deadline else {
                Issue.record("too late after \(sent) bytes")
                return
            }
            pace.received(size, now: now)
            sent += size
        }
        #expect(pace.deadline > Self.time(Int64(sent) * 1000 / 3000 + 58_000))
    }

    @Test("Without a rate only a pause counts")
    func noRate() {
        var pace = Self.pace(rate: 0)
        pace.received(1, now: Self.time(59_000))
        #expect(pace.deadline == Self.time(119_000) && !pace.isAboutRate)
    }
}
