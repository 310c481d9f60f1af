package import GRIP

/// Who is subscribed to what on one event loop.
package struct SubscriptionRegistry<Member: AnyObject> {
    @usableFromInline
    var channels: [UTF8Key: SubscribedChannel<Member>] = [:]
    /// Subscriptions on all channels together, by the kind of their members.
    package private(set) var subscriptions = CountByKind()

    package init() {}

    /// Subscriptions on all channels together.
    package var count: Int { self.subscriptions.total }

    /// How many channels have subscribers.
    package var channelCount: Int { self.channels.count }

    /// The channels that have subscribers.
    package var all: some Collection<SubscribedChannel<Member>> { self.channels.values }

    /// The channel of a name, or nothing when nobody is subscribed to it.
    ///
    /// Inlinable because a lookup for each item that is not compiled for the member's type takes several times as long.
    @inlinable
    package subscript(name: String) -> SubscribedChannel<Member>? { self.channels[UTF8Key(name)] }

    /// Subscribes a member to a channel.
    ///
    /// - Parameters:
    ///   - member: Who gets the items.
    ///   - name: The channel with the route's prefix.
    ///   - kind: What the member is.
    ///   - slot: Where the member finds the channel in its own list.
    /// - Returns: The subscription, to be ended with ``unsubscribe(_:)``, and whether it is the channel's first here.
    package mutating func subscribe(
        _ member: Member,
        to name: String,
        kind: HoldKind,
        slot: Int
    ) -> (subscription: Subscription<Member>, isFirst: Bool) {
        self.subscriptions[kind] += 1
        let known = self.channels[UTF8Key(name)]
        let channel = known ?? SubscribedChannel<Member>(name: name)
        if known == nil { self.channels[UTF8Key(name)] = channel }
        let subscription = channel.add(member, kind: kind, slot: slot)
        return (subscription, known == nil)
    }

    /// Ends a subscription.
    ///
    /// - Parameter subscription: The subscription; one that has ended before is left alone.
    /// - Returns: Whether it was the channel's last here.
    package mutating func unsubscribe(_ subscription: Subscription<Member>) -> Bool {
        guard subscription.isActive else { return false }
        subscription.channel.remove(subscription)
        self.subscriptions[subscription.kind] -= 1
        guard subscription.channel.count == 0 else { return false }
        self.channels[UTF8Key(subscription.channel.name)] = nil
        return true
    }
}
