/// A channel and those that are subscribed to it on one event loop.
package final class SubscribedChannel<Member: AnyObject> {
    package let name: String
    /// Those who are subscribed, in no order.
    package private(set) var members = PerKind<ContiguousArray<Subscription<Member>>>(repeating: [])

    init(name: String) { self.name = name }

    /// How many are subscribed, of all kinds.
    package var count: Int { self.counts.total }

    /// How many are subscribed, by their kinds.
    package var counts: CountByKind { self.members.map(\.count) }

    package var responses: ContiguousArray<Subscription<Member>> { self.members.responses }
    package var streams: ContiguousArray<Subscription<Member>> { self.members.streams }
    package var webSockets: ContiguousArray<Subscription<Member>> { self.members.webSockets }

    func add(_ member: Member, kind: HoldKind, slot: Int) -> Subscription<Member> {
        let position = self.members[kind].count
        let subscription = Subscription(member, on: self, kind: kind, slot: slot, position: position)
        self.members[kind].append(subscription)
        return subscription
    }

    func remove(_ subscription: Subscription<Member>) {
        guard let position = subscription.position else { return }
        subscription.position = nil
        // The last one takes the place, so that leaving costs the same in a crowd.
        let last = self.members[subscription.kind].removeLast()
        guard last !== subscription else { return }
        self.members[subscription.kind][position] = last
        last.position = position
    }
}
