import GRIP
import GRIPEngine

/// A connection that is held and gets the items of its channels.
///
/// It belongs to one event loop.
class HeldMember: FlushQueueMember {
    let id: UInt64
    let loop: ProxyLoop
    let kind: HoldKind
    private(set) var subscriptions: [Subscription<HeldMember>] = []
    var needsFlush = false

    init(id: UInt64, loop: ProxyLoop, kind: HoldKind) {
        self.id = id
        self.loop = loop
        self.kind = kind
    }

    /// What the origin has said about the connection.
    var meta: [String: String] { [:] }

    /// Takes an item of the channel at a slot.
    func deliver(_ delivery: Delivery, slot: Int, now: EngineTime) {}

    /// Looks for items that may have been missed.
    func update(now: EngineTime) {}

    func flush() {}

    // MARK: Subscriptions

    /// Subscribes to these channels, in this order, in place of those before.
    ///
    /// - Parameter channels: The channels.
    /// - Returns: What has been published since the origin looked.
    @discardableResult
    func subscribe(to channels: [HeldChannel]) -> CatchUp {
        var former: [UTF8Key: Subscription<HeldMember>] = [:]
        for subscription in self.subscriptions { former[UTF8Key(subscription.channel.name)] = subscription }
        var added: [String] = []
        self.subscriptions = channels.enumerated().map { slot, channel in
            if let kept = former.removeValue(forKey: UTF8Key(channel.name)) {
                kept.slot = slot
                self.set(channel.member, for: kept)
                return kept
            }
            let (subscription, isFirst) = self.loop.registry.subscribe(
                self,
                to: channel.name,
                kind: self.kind,
                slot: slot
            )
            if isFirst { added.append(channel.name) }
            self.set(channel.member, for: subscription)
            return subscription
        }
        let catchUp = self.loop.attach(added, holding: channels)
        for subscription in former.values { self.end(subscription, .unsubscribed) }
        return catchUp
    }

    /// Adds one channel, at the end of the list, unless it is in it.
    ///
    /// - Parameters:
    ///   - name: The channel.
    ///   - member: Who the client is there from now on, or `nil` where it does not count for presence.
    func subscribe(to name: String, as member: GRIPMember?) {
        if let known = self.subscriptions.first(where: { $0.channel.name.hasSameBytes(as: name) }) {
            return self.set(member, for: known)
        }
        let slot = self.subscriptions.count
        let (subscription, isFirst) = self.loop.registry.subscribe(self, to: name, kind: self.kind, slot: slot)
        self.subscriptions.append(subscription)
        if isFirst { _ = self.loop.attach([name], holding: []) }
        self.set(member, for: subscription)
    }

    func unsubscribe(from name: String) {
        guard let index = self.subscriptions.firstIndex(where: { $0.channel.name.hasSameBytes(as: name) }) else {
            return
        }
        self.end(self.subscriptions.remove(at: index), .unsubscribed)
    }

    /// Ends all subscriptions that there still are.
    ///
    /// - Parameter end: Why they end, as the one says who ends them.
    func unsubscribeAll(_ end: ConnectionEnd) {
        for subscription in self.subscriptions { self.end(subscription, .ended(end)) }
        self.subscriptions = []
    }

    private func end(_ subscription: Subscription<HeldMember>, _ end: SubscriptionEnd) {
        if subscription.presence != nil {
            self.loop.presence.left(subscription.channel.name, by: self.identity, end)
        }
        guard self.loop.registry.unsubscribe(subscription) else { return }
        self.loop.detach(subscription.channel.name, lingers: self.kind == .response)
    }
}

// MARK: Presence

extension HeldMember {
    var identity: SubscriberIdentity { SubscriberIdentity(connection: self.id, meta: self.meta) }

    /// Whether the client counts for presence on a channel.
    func isMember(of channel: String) -> Bool {
        self.subscriptions.contains { $0.presence != nil && $0.channel.name.hasSameBytes(as: channel) }
    }

    /// Notes who the client is on a channel.
    private func set(_ member: GRIPMember?, for subscription: Subscription<HeldMember>) {
        guard subscription.presence != nil || member != nil else { return }
        let channel = subscription.channel.name
        if let member {
            guard subscription.presence?.value != member else { return }
            self.loop.presence.joined(member, channel, by: self.identity)
        } else {
            self.loop.presence.left(channel, by: self.identity, .unsubscribed)
        }
        subscription.presence = member.map { .value($0) }
    }
}
