import GRIP
import GRIPEngine
import Testing

/// Connections that look for what they have missed, a hundred at a time.
@Suite("Update scheduler") struct UpdateSchedulerTests {
    private func time(_ milliseconds: Int64) -> EngineTime { EngineTime(milliseconds: milliseconds) }

    @Test("Those that come within an interval are let go together, each once")
    func together() {
        var scheduler = UpdateScheduler()
        for id in [3, 1, 2, 1, 3] as [UInt64] { scheduler.add(id, now: self.time(1000)) }
        #expect(scheduler.nextDeadline == self.time(1100))
        expect(scheduler.wake(at: self.time(1099)), [])
        expect(scheduler.wake(at: self.time(1100)), [3, 1, 2])
        #expect(scheduler.nextDeadline == nil)
        scheduler.add(1, now: self.time(1200))
        expect(scheduler.wake(at: self.time(1300)), [1])
    }

    @Test("More than a batch take turns")
    func batches() {
        var scheduler = UpdateScheduler()
        let ids = (0..<250).map(UInt64.init)
        for id in ids { scheduler.add(id, now: self.time(0)) }
        expect(scheduler.wake(at: self.time(100)), Array(ids[0..<100]))
        expect(scheduler.wake(at: self.time(150)), [])
        expect(scheduler.wake(at: self.time(200)), Array(ids[100..<200]))
        expect(scheduler.wake(at: self.time(10_000)), Array(ids[200...]))
        #expect(scheduler.count == 0)
    }

    @Test("Nobody waits twice, is let go early or is forgotten", arguments: 1...4 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        var scheduler = UpdateScheduler()
        var waiting: [UInt64] = []
        var now: Int64 = 0
        for step in 0..<10_000 {
            position.step = step
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let id = UInt64.random(in: 0..<400, using: &random)
                scheduler.add(id, now: self.time(now))
                if !waiting.contains(id) { waiting.append(id) }
            }
            now += Int64.random(in: 0...60, using: &random)
            let isDue = scheduler.nextDeadline.map { $0 <= self.time(now) } ?? false
            let due = scheduler.wake(at: self.time(now))
            position.check(isDue != due.isEmpty, "\(due.count) are let go")
            position.check(due.count <= UpdateScheduler.batch, "\(due.count) are let go at once")
            position.check(Array(waiting.prefix(due.count)) == due, "\(due) in place of \(waiting.prefix(due.count))")
            waiting.removeFirst(due.count)
            position.check(scheduler.count == waiting.count, "\(scheduler.count) wait")
            position.check(waiting.isEmpty == (scheduler.nextDeadline == nil), "who waits has a time")
        }
    }
}
