import GRIP
import GRIPEngine
import Testing

/// The queue of deadlines against a list that is sorted each time.
@Suite("Deadline queue") struct DeadlineQueueTests {
    private func time(_ milliseconds: Int64) -> EngineTime { EngineTime(milliseconds: milliseconds) }

    @Test("Nothing is due before its time, and the earliest comes first")
    func order() {
        var queue = DeadlineQueue<String>()
        #expect(queue.next == nil)
        for (owner, milliseconds) in [("c", 30), ("a", 10), ("b", 20)] as [(String, Int64)] {
            queue.insert(owner, at: self.time(milliseconds))
        }
        #expect(queue.next == self.time(10))
        expect(queue.popDue(at: self.time(9)), nil)
        expect(queue.popDue(at: self.time(10)), "a")
        expect(queue.popDue(at: self.time(19)), nil)
        expect(queue.popDue(at: self.time(1000)), "b")
        expect(queue.popDue(at: self.time(1000)), "c")
        expect(queue.popDue(at: self.time(1000)), nil)
        #expect(queue.count == 0)
    }

    @Test("The first and the last of all times are times too")
    func extremes() {
        var queue = DeadlineQueue<String>()
        queue.insert("last", at: self.time(.max))
        queue.insert("first", at: self.time(.min))
        expect(queue.popDue(at: self.time(.min)), "first")
        expect(queue.popDue(at: self.time(.max - 1)), nil)
        expect(queue.popDue(at: self.time(.max)), "last")
    }

    @Test("Those that are kept come out at their times, and the others do not")
    func keep() {
        var queue = DeadlineQueue<Int>()
        // 37 has no divisor in common with 100, so that each time is that of one of them.
        for owner in 0..<100 { queue.insert(owner, at: self.time(Int64(owner * 37 % 100))) }
        queue.keep { $0.isMultiple(of: 3) }
        #expect(queue.count == 34)
        var owners: [Int] = []
        for now in 0..<100 as Range<Int64> {
            while let owner = queue.popDue(at: self.time(now)) {
                #expect(owner * 37 % 100 == Int(now))
                owners.append(owner)
            }
        }
        #expect(owners.sorted() == Array(stride(from: 0, to: 100, by: 3)))
    }

    @Test("Whatever is inserted comes out once, in order and not early", arguments: 1...4 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        var queue = DeadlineQueue<Int>()
        var waiting: [Int: EngineTime] = [:]
        var now: Int64 = 0
        for step in 0..<10_000 {
            position.step = step
            if Int.random(in: 0..<5, using: &random) < 3 {
                // Many at the same time, and some that are over already.
                let time = self.time(now + Int64.random(in: -5...20, using: &random))
                queue.insert(step, at: time)
                waiting[step] = time
            } else {
                now += Int64.random(in: 0...10, using: &random)
            }
            position.check(queue.next == waiting.values.min(), "\(String(describing: queue.next)) is not the next one")
            while Bool.random(using: &random), let owner = queue.popDue(at: self.time(now)) {
                let time = waiting.removeValue(forKey: owner)
                position.check(time.map { $0 <= self.time(now) } == true, "\(owner) came early or twice")
                position.check(waiting.values.allSatisfy { other in time.map { $0 <= other } ?? false }, "out of order")
            }
            position.check(queue.count == waiting.count, "\(queue.count) wait in place of \(waiting.count)")
        }
        while let owner = queue.popDue(at: self.time(.max)) { waiting[owner] = nil }
        #expect(waiting.isEmpty)
        #expect(queue.next == nil)
    }
}
