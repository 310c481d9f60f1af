import GRIP
import GRIPEngine
import Testing

/// Who is subscribed to what.
@Suite("Subscription registry") struct SubscriptionRegistryTests {
    private final class Member {}
    private typealias Registry = SubscriptionRegistry<Member>

    @Test("The first subscription makes a channel, and the last one takes it away")
    func firstAndLast() {
        var registry = Registry()
        let (one, isFirst) = registry.subscribe(Member(), to: "a", kind: .stream, slot: 0)
        let (other, isOtherFirst) = registry.subscribe(Member(), to: "a", kind: .webSocket, slot: 3)
        #expect(isFirst)
        #expect(!isOtherFirst)
        #expect(registry["a"]?.streams.map(\.slot) == [0])
        #expect(registry["a"]?.webSockets.map(\.slot) == [3])
        #expect(registry["a"]?.responses.isEmpty == true)
        let ends = (0..<2).map { _ in registry.unsubscribe(one) }
        #expect(ends == [false, false])
        #expect(!one.isActive)
        let isLast = registry.unsubscribe(other)
        #expect(isLast)
        #expect(registry["a"] == nil)
        #expect(registry.channelCount == 0)
        #expect(registry.count == 0)
    }

    @Test("Names that only look the same are different channels")
    func namesAreBytes() {
        var registry = Registry()
        let (one, isFirst) = registry.subscribe(Member(), to: "\u{E9}", kind: .stream, slot: 0)
        #expect(isFirst && registry["e\u{301}"] == nil)
        let (_, isOtherFirst) = registry.subscribe(Member(), to: "e\u{301}", kind: .stream, slot: 0)
        #expect(isOtherFirst && registry.channelCount == 2)
        let isLast = registry.unsubscribe(one)
        #expect(isLast && registry["\u{E9}"] == nil && registry["e\u{301}"]?.count == 1)
    }

    @Test("A subscription that has ended does not touch the next channel of that name")
    func again() {
        var registry = Registry()
        let (old, _) = registry.subscribe(Member(), to: "a", kind: .stream, slot: 0)
        _ = registry.unsubscribe(old)
        let (new, isFirst) = registry.subscribe(Member(), to: "a", kind: .stream, slot: 0)
        #expect(isFirst)
        let isLast = registry.unsubscribe(old)
        #expect(!isLast)
        #expect(new.isActive)
        #expect(registry["a"]?.count == 1)
    }

    @Test("It knows what a table of all subscriptions knows", arguments: 1...4 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        var registry = Registry()
        var active: [Subscription<Member>] = []
        var ended: [Subscription<Member>] = []
        for step in 0..<10_000 {
            position.step = step
            let isGrowing = (step / 1000).isMultiple(of: 2)
            if active.isEmpty || Int.random(in: 0..<10, using: &random) < (isGrowing ? 7 : 3) {
                let name = "channel \(Int.random(in: 0..<30, using: &random))"
                let kind = HoldKind.allCases.randomElement(using: &random) ?? .stream
                let isFirst = !active.contains { $0.channel.name == name }
                let made = registry.subscribe(Member(), to: name, kind: kind, slot: step)
                position.check(made.isFirst == isFirst, "\(name) is the first one: \(made.isFirst)")
                active.append(made.subscription)
            } else {
                let subscription = active.remove(at: Int.random(in: 0..<active.count, using: &random))
                let isLast = !active.contains { $0.channel.name == subscription.channel.name }
                position.check(registry.unsubscribe(subscription) == isLast, "the last one of its channel")
                ended.append(subscription)
            }
            if let old = ended.randomElement(using: &random) {
                position.check(!registry.unsubscribe(old), "a subscription ends twice")
            }
            position.check(registry.count == active.count, "\(registry.count) are counted")
            position.check(registry.channelCount == Set(active.map(\.channel.name)).count, "channels are counted")
            guard let name = active.randomElement(using: &random)?.channel.name else { continue }
            let channel = registry[name]
            let members = (channel?.members.all ?? []).joined()
            let expected = active.filter { $0.channel.name == name }
            position.check(Set(members.map(\.slot)) == Set(expected.map(\.slot)), "\(name) has others")
            position.check(members.count == expected.count, "\(name) has somebody twice")
            position.check(members.allSatisfy(\.isActive), "\(name) has somebody who is gone")
        }
        for subscription in active { _ = registry.unsubscribe(subscription) }
        #expect(registry.count == 0)
        #expect(registry.channelCount == 0)
    }
}
