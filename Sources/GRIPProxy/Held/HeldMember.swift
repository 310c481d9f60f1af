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
                return kept
            }
            let (subscription, isFirst) = self.loop.registry.subscribe(
                self,
                to: channel.name,
                kind: self.kind,
                slot: slot
            )
            if isFirst { added.append(channel.name) }
            return subscription
        }
        let catchUp = self.loop.attach(added, holding: channels)
        for subscription in former.values { self.end(subscription, .complete) }
        return catchUp
    }

    /// Adds one channel, at the end of the list.
    func subscribe(to name: String) {
        guard !self.subscriptions.contains(where: { $0.channel.name.hasSameBytes(as: name) }) else { return }
        let slot = self.subscriptions.count
        let (subscription, isFirst) = self.loop.registry.subscribe(self, to: name, kind: self.kind, slot: slot)
        self.subscriptions.append(subscription)
        if isFirst { _ = self.loop.attach([name], holding: []) }
    }

    func unsubscribe(from name: String) {
        guard let index = self.subscriptions.firstIndex(where: { $0.channel.name.hasSameBytes(as: name) }) else {
            return
        }
        self.end(self.subscriptions.remove(at: index), .complete)
    }

    /// Ends all subscriptions that there still are.
    ///
    /// - Parameter end: Why they end, as the one says who ends them.
    func unsubscribeAll(_ end: ConnectionEnd) {
        for subscription in self.subscriptions { self.end(subscription, end) }
        self.subscriptions = []
    }

    private func end(_ subscription: Subscription<HeldMember>, _ end: ConnectionEnd) {
        guard self.loop.registry.unsubscribe(subscription, as: end) else { return }
        self.loop.detach(subscription.channel.name, lingers: self.kind == .response)
    }
}

extension HeldMember: Subscriber {
    var identity: SubscriberIdentity { SubscriberIdentity(connection: self.id, meta: self.meta) }
}
