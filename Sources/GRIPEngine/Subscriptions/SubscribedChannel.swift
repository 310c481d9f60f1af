/// A channel and those that are subscribed to it on one event loop.
package final class SubscribedChannel<Member: AnyObject> {
    package let name: String
    package private(set) var responses: ContiguousArray<Subscription<Member>> = []
    package private(set) var streams: ContiguousArray<Subscription<Member>> = []
    package private(set) var webSockets: ContiguousArray<Subscription<Member>> = []

    init(name: String) { self.name = name }

    /// How many are subscribed, of all kinds.
    package var count: Int { self.responses.count + self.streams.count + self.webSockets.count }

    func add(_ member: Member, kind: HoldKind, slot: Int) -> Subscription<Member> {
        let position = self.members(kind).count
        let subscription = Subscription(member, on: self, kind: kind, slot: slot, position: position)
        self.update(kind) { $0.append(subscription) }
        return subscription
    }

    func remove(_ subscription: Subscription<Member>) {
        guard let position = subscription.position else { return }
        subscription.position = nil
        self.update(subscription.kind) { members in
            // The last one takes the place, so that leaving costs the same in a crowd.
            let last = members.removeLast()
            guard last !== subscription else { return }
            members[position] = last
            last.position = position
        }
    }

    private func members(_ kind: HoldKind) -> ContiguousArray<Subscription<Member>> {
        switch kind {
        case .response: self.responses
        case .stream: self.streams
        case .webSocket: self.webSockets
        }
    }

    private func update(_ kind: HoldKind, _ change: (inout ContiguousArray<Subscription<Member>>) -> Void) {
        switch kind {
        case .response: change(&self.responses)
        case .stream: change(&self.streams)
        case .webSocket: change(&self.webSockets)
        }
    }
}
