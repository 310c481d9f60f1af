package import GRIP

/// Puts what is published to each channel in order and delivers it once.
///
/// One for the whole proxy. An item that names the one before it waits for that one, if the channel is known to be
/// elsewhere and somebody listens; an item whose id was seen lately is a duplicate. Items without ids, which are the
/// rule, pass through and cost next to nothing.
package struct ChannelSequencer: Sendable {
    private let configuration: Configuration
    private var seen: SeenIDs
    private var waiting: WaitingItems
    /// The id of the last item that was delivered in order, by channel.
    private var lastIDs: OrderedTable<UTF8Key, String>
    package private(set) var counters = Counters()

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        self.seen = SeenIDs(
            lifetime: configuration.idLifetime,
            maximumCount: configuration.ids,
            maximumBytes: configuration.idBytes
        )
        self.waiting = WaitingItems(
            maximumCount: configuration.pendingTotal,
            maximumPerChannel: configuration.pendingPerChannel,
            maximumBytes: configuration.pendingBytes
        )
        self.lastIDs = OrderedTable(maximumCount: configuration.lastIDs, maximumCost: configuration.idBytes)
    }

    /// How many publications wait.
    package var pendingCount: Int { self.waiting.count }
    /// About how many bytes of memory they take.
    package var pendingBytes: Int { self.waiting.bytes }
    /// How many channels have a last id.
    package var lastIDCount: Int { self.lastIDs.count }
    /// How many ids are remembered.
    package var idCount: Int { self.seen.count }
    /// When to call ``wake(at:)``, or nothing while nothing waits.
    package var nextDeadline: EngineTime? { self.waiting.nextDeadline }

    /// Takes the next publication.
    ///
    /// - Parameters:
    ///   - publication: The item and its channel.
    ///   - hasSubscribers: Whether the channel has, or lately had, a subscriber. Without one there is no order to keep.
    ///   - now: The time.
    /// - Returns: What becomes of it.
    package mutating func receive(
        _ publication: GRIPPublication,
        hasSubscribers: Bool,
        now: EngineTime
    ) -> Outcome {
        let item = publication.item
        let channel = publication.channel.name
        let key = item.id.map { ItemKey(channel: channel, id: $0) }
        if let key, !self.seen.isOff, self.seen.contains(key, at: now) {
            self.counters.duplicates += 1
            return .duplicate
        }
        guard hasSubscribers, !item.skipsSequencing else {
            self.remember(key, now)
            return .deliverOnly
        }
        if let previousID = item.previousID, let last = self.lastID(of: channel), !last.hasSameBytes(as: previousID) {
            let deadline = now + self.configuration.wait
            if let reason = self.waiting.insert(publication, after: previousID, until: deadline) {
                self.counters.dropped[reason, default: 0] += 1
                return .dropped(reason)
            }
            self.remember(key, now)
            return .waiting
        }
        self.remember(key, now)
        self.setLastID(of: publication)
        let released = self.release(after: publication)
        return released.isEmpty ? .deliverOnly : .deliver([publication] + released)
    }

    /// Gives up waiting where it has lasted long enough.
    ///
    /// - Parameter now: The time.
    /// - Returns: What to deliver, the oldest first, each before what waited for it.
    package mutating func wake(at now: EngineTime) -> [GRIPPublication] {
        var overdue: [GRIPPublication] = []
        while let publication = self.waiting.removeOverdue(at: now) {
            self.counters.overdue += 1
            self.setLastID(of: publication)
            overdue.append(publication)
            overdue += self.release(after: publication)
        }
        return overdue
    }

    /// Forgets a channel's order, because its last subscriber went.
    ///
    /// - Parameter channel: The channel.
    /// - Returns: How many publications waited there and are lost.
    @discardableResult
    package mutating func channelLost(_ channel: String) -> Int {
        self.forgetLastID(of: channel)
        let lost = self.waiting.removeAll(on: channel)
        for publication in lost {
            // Nobody got it, so that publishing it again is no repetition.
            if let id = publication.item.id { self.seen.remove(ItemKey(channel: channel, id: id)) }
        }
        self.counters.lost += lost.count
        return lost.count
    }

    /// The id of the last item that a channel delivered in order, or nothing where that is not known.
    package func lastID(of channel: String) -> String? {
        self.lastIDs.isEmpty ? nil : self.lastIDs[UTF8Key(channel)]
    }

    /// Makes the next item of a channel the first, because some client is elsewhere in its order.
    package mutating func forgetLastID(of channel: String) {
        if !self.lastIDs.isEmpty { self.lastIDs.remove(UTF8Key(channel)) }
    }

    /// Makes the next item of each channel the first, because items may have been missed.
    package mutating func forgetAllLastIDs() { self.lastIDs.removeAll() }

    private mutating func remember(_ key: ItemKey?, _ now: EngineTime) {
        guard let key, !self.seen.isOff else { return }
        self.counters.forgottenIDs += self.seen.insert(key, at: now)
    }

    private mutating func setLastID(of publication: GRIPPublication) {
        let channel = publication.channel.name
        guard let id = publication.item.id else {
            self.forgetLastID(of: channel)
            return
        }
        let bytes = channel.utf8.count + id.utf8.count
        self.counters.forgottenLastIDs += self.lastIDs.set(id, for: UTF8Key(channel), cost: bytes)
    }

    /// Takes out what waited for a publication, what waited for that, and so on.
    private mutating func release(after publication: GRIPPublication) -> [GRIPPublication] {
        guard !self.waiting.isEmpty else { return [] }
        let channel = publication.channel.name
        var released: [GRIPPublication] = []
        var id = publication.item.id
        while let last = id, let next = self.waiting.remove(after: ItemKey(channel: channel, id: last)) {
            self.setLastID(of: next)
            released.append(next)
            id = next.item.id
        }
        self.counters.reordered += released.count
        return released
    }
}
