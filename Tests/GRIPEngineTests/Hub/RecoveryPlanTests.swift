import GRIP
import GRIPEngine
import Testing

@Suite("Channels that look again after a gap") struct RecoveryPlanTests {
    private let now = EngineTime(milliseconds: 1000)

    @Test("They are spread evenly over the time, from a random point on")
    func spread() {
        var plan = RecoveryPlan(spread: .seconds(1))
        plan.add((0..<10).map { "c\($0)" }, now: self.now, random: 0.5)
        #expect(plan.count == 10)
        var times: [Int64] = []
        while let next = plan.nextDeadline {
            let channels = plan.wake(at: next)
            #expect(channels.count == 1)
            times.append(next.milliseconds)
        }
        #expect(times == stride(from: 1050, through: 1950, by: 100).map { $0 })
        #expect(plan.count == 0)
    }

    @Test("One that waits already keeps its time, so that gaps that follow each other do not put it off")
    func again() {
        var plan = RecoveryPlan(spread: .seconds(2))
        plan.add(["a"], now: self.now, random: 0.25)
        for number in 1...100 {
            plan.add(["a", "b"], now: self.now + .milliseconds(number), random: 0.9)
        }
        #expect(plan.count == 2)
        #expect(plan.nextDeadline == EngineTime(milliseconds: 1500))
        #expect(plan.wake(at: EngineTime(milliseconds: 1499)) == [])
        #expect(plan.wake(at: EngineTime(milliseconds: 1500)) == ["a"])
        #expect(plan.wake(at: EngineTime(milliseconds: 3100)) == ["b"])
        #expect(plan.nextDeadline == nil)
    }

    @Test("Without a spread they have their time at once", arguments: [0.0, 0.999])
    func atOnce(random: Double) {
        var plan = RecoveryPlan(spread: .zero)
        plan.add(["a", "b"], now: self.now, random: random)
        #expect(plan.wake(at: self.now).sorted() == ["a", "b"])
    }

    @Test("All channels are spread like some", arguments: [0, 3, 1000] as [Int64])
    func all(spread: Int64) {
        var plan = RecoveryPlan(spread: .milliseconds(spread))
        var sweep = RecoveryPlan(spread: .milliseconds(spread))
        let names = (0..<70).map { "c\($0)" }
        plan.add(names, now: self.now, random: 0.3)
        sweep.addAll(names, now: self.now, random: 0.3)
        while let next = plan.nextDeadline {
            #expect(sweep.nextDeadline == next && sweep.count == plan.count)
            #expect(Set(sweep.wake(at: next)) == Set(plan.wake(at: next)))
        }
        #expect(sweep.nextDeadline == nil && sweep.count == 0)
    }

    @Test("Gaps of all channels that follow each other put none off", arguments: [1, 2, 100])
    func gapsThatFollowEachOther(count: Int) {
        let names = (0..<count).map { "c\($0)" }
        var plan = RecoveryPlan(spread: .seconds(1))
        var last: [String: Int] = [:]
        for number in 0..<5000 {
            let now = self.now + .milliseconds(number)
            plan.addAll(names, now: now, random: Double(number % 10) / 10)
            #expect(plan.count == count)
            for channel in plan.wake(at: now) {
                #expect(number - last[channel, default: 0] <= 1000 + 2 * Int(RecoveryPlan.step))
                last[channel] = number
            }
        }
        #expect(last.count == count && last.values.allSatisfy { $0 >= 5000 - 1100 })
    }

    @Test("After a gap of all channels each has its time within the spread", arguments: 0..<4 as Range<UInt64>)
    func walkOfAll(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        var plan = RecoveryPlan(spread: .milliseconds(800))
        var due: [String: EngineTime] = [:]
        var now = self.now
        for step in 0..<5000 {
            position.step = step
            now = now + .milliseconds(.random(in: 0...40, using: &random))
            if Int.random(in: 0..<20, using: &random) == 0 {
                // Channels come and go.
                let names = Set((0..<50).map { _ in "c\(Int.random(in: 0..<60, using: &random))" })
                plan.addAll(names, now: now, random: Double.random(in: 0..<1, using: &random))
                due = [:]
                for name in names { due[name] = now }
            }
            for channel in plan.wake(at: now) {
                guard let since = due.removeValue(forKey: channel) else {
                    position.check(false, "\(channel) has no gap")
                    continue
                }
                position.check(now.milliseconds - since.milliseconds <= 800 + 90, "\(channel) waits too long")
            }
            position.check(plan.count == due.count, "\(plan.count) wait instead of \(due.count)")
            position.check(plan.nextDeadline.map { $0 > now } ?? due.isEmpty, "it sleeps or wakes for nothing")
        }
    }

    @Test("Every channel of a gap has its time within the spread, and once", arguments: 0..<4 as Range<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        var plan = RecoveryPlan(spread: .milliseconds(800))
        var due: [String: EngineTime] = [:]
        var now = self.now
        for step in 0..<5000 {
            position.step = step
            now = now + .milliseconds(.random(in: 0...40, using: &random))
            if Int.random(in: 0..<4, using: &random) == 0 {
                let count = Int.random(in: 0...60, using: &random)
                let channels = Set((0..<count).map { _ in "c\(Int.random(in: 0..<100, using: &random))" })
                plan.add(channels, now: now, random: Double.random(in: 0..<1, using: &random))
                for channel in channels where due[channel] == nil { due[channel] = now }
            }
            for channel in plan.wake(at: now) {
                guard let since = due.removeValue(forKey: channel) else {
                    position.check(false, "\(channel) has no gap")
                    continue
                }
                // The steps of the walk and of the plan come on top.
                position.check(now.milliseconds - since.milliseconds <= 800 + 90, "\(channel) waits too long")
            }
            position.check(plan.count == due.count, "\(plan.count) wait instead of \(due.count)")
            position.check(plan.nextDeadline.map { $0 > now } ?? due.isEmpty, "it sleeps or wakes for nothing")
        }
    }
}

@Suite("The hub after a gap") struct ChannelHubGapTests {
    private static func hub() -> ChannelHub {
        ChannelHub(
            ChannelSequencer(.init()),
            linger: .seconds(60),
            updatesOnFirstSubscription: false,
            recoverySpread: .seconds(1)
        )
    }

    private let now = EngineTime(milliseconds: 0)

    private func publish(_ hub: inout ChannelHub, id: String, after previousID: String) throws -> ChannelHub.Outcome {
        var outgoing: ChannelHub.Outgoing = []
        let item = GRIPItem(.httpStream("x"), id: id, previousID: previousID)
        return hub.receive(GRIPPublication(item, to: "a"), now: self.now, to: &outgoing)
    }

    @Test("Subscribers of these channels look again, and the next item waits for none before it")
    func channels() throws {
        var hub = Self.hub()
        for name in ["a", "b"] { _ = hub.attach(1, to: name, now: self.now) }
        #expect(try self.publish(&hub, id: "1", after: "0") == .delivered)
        hub.missed(.channels(["a", "unknown"], .hole), now: self.now, random: 0.5)
        #expect(try self.publish(&hub, id: "3", after: "2") == .delivered)
        #expect(hub.wake(at: EngineTime(milliseconds: 499)) == [])
        #expect(hub.wake(at: EngineTime(milliseconds: 500)) == [.lookAgain("a", ChannelHub.Loops(1))])
        #expect(hub.nextDeadline.map { $0 > EngineTime(milliseconds: 500) } ?? true)
    }

    @Test("Of all channels, those look again that have subscribers when it is their turn")
    func all() {
        var hub = Self.hub()
        for name in ["a", "b", "c"] { _ = hub.attach(0, to: name, now: self.now) }
        hub.missed(.all(.disconnected), now: self.now, random: 0)
        #expect(hub.detach(0, from: "a", lingers: false, now: self.now) == .noInterest("a"))
        #expect(hub.detach(0, from: "b", lingers: true, now: self.now) == nil)
        #expect(hub.wake(at: EngineTime(milliseconds: 1050)) == [.lookAgain("c", ChannelHub.Loops(0))])
    }

    @Test("Names that only look the same are different channels")
    func namesAreBytes() throws {
        var hub = Self.hub()
        let (one, other) = ("\u{E9}", "e\u{301}")
        for name in [one, other] { #expect(hub.attach(0, to: name, now: self.now) == .interest(name)) }
        #expect(hub.channelCount == 2)
        hub.missed(.channels([one, other], .hole), now: self.now, random: 0)
        #expect(hub.wake(at: self.now + .seconds(2)).count == 2)
        #expect(hub.detach(0, from: one, lingers: false, now: self.now) == .noInterest(one))
        #expect(!hub.isKnown(one) && hub.isKnown(other))
    }

    @Test("Interest ends with the linger, and begins again")
    func interest() {
        var hub = Self.hub()
        #expect(hub.attach(0, to: "a", now: self.now) == .interest("a"))
        #expect(hub.attach(1, to: "a", now: self.now) == nil)
        #expect(hub.detach(0, from: "a", lingers: true, now: self.now) == nil)
        #expect(hub.detach(1, from: "a", lingers: true, now: self.now) == nil)
        #expect(hub.attach(1, to: "a", now: self.now) == nil)
        #expect(hub.detach(1, from: "a", lingers: true, now: self.now) == nil)
        #expect(hub.wake(at: EngineTime(milliseconds: 59_999)) == [])
        #expect(hub.wake(at: EngineTime(milliseconds: 60_000)) == [.noInterest("a")])
        #expect(hub.attach(0, to: "a", now: self.now) == .interest("a"))
    }
}
