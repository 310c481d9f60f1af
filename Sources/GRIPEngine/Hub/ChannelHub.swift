package import GRIP
import NIOCore

/// What is known about channels in the whole process: the order of their items and which event loops have subscribers.
///
/// Subscriptions themselves are kept by the loops. The hub hears of the first and the last one that a loop has on a
/// channel, so that it sends an item only to loops that have somebody for it.
package struct ChannelHub: Sendable {
    /// How many event loops can be told apart.
    ///
    /// Of more, the last ones get each other's items.
    package static let maximumLoops = 64

    /// Event loops, one bit each.
    package struct Loops: OptionSet, Sendable, Hashable {
        package let rawValue: UInt64

        // Inlinable because sets of bits whose making is not visible are not handled as such.
        @inlinable
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// No loop.
        @inlinable
        package static var none: Loops { Loops(rawValue: 0) }

        package init(_ index: Int) { self.init(rawValue: 1 << UInt64(max(0, min(index, maximumLoops - 1)))) }
    }

    /// What is to be done because of what the hub has learned.
    package enum Effect: Sendable, Hashable {
        /// The process has subscribers of a channel from now on.
        case interest(String)
        /// The process has no subscribers of a channel any more, and expects none back.
        case noInterest(String)
        /// An item goes to the loops that have subscribers of its channel.
        case deliver(GRIPPublication, Loops)
        /// The subscribers of a channel look at their origins again.
        case lookAgain(String, Loops)
    }

    /// Items and the loops that they go to, in order.
    ///
    /// The effects of a publish are of one kind only, and are many.
    package typealias Outgoing = [(publication: GRIPPublication, loops: Loops)]

    /// What became of an item.
    package enum Outcome: Sendable, Hashable {
        case delivered
        case duplicate
        case waiting
        case dropped
    }

    private struct Channel: Sendable {
        var loops = Loops.none
        /// How many loops share the last bit.
        var sharers = 0
        /// Until when the channel counts as subscribed although nobody is.
        var lingersUntil: EngineTime?
    }

    private var channels: [UTF8Key: Channel] = [:]
    package private(set) var sequencer: ChannelSequencer
    private let linger: Duration
    private let updatesOnFirstSubscription: Bool
    /// Channels that got their first subscriber, by the time at which those are to look again.
    private var fresh = CircularBuffer<(time: EngineTime, channel: String)>()
    private var lingering = CircularBuffer<(time: EngineTime, channel: String)>()
    private var recoveries: RecoveryPlan

    /// Makes a hub.
    ///
    /// - Parameters:
    ///   - sequencer: What puts items in order.
    ///   - linger: How long a channel counts as subscribed after its last long poll.
    ///   - updatesOnFirstSubscription: Whether a channel's first subscribers ask their origins again.
    ///   - recoverySpread: Over what time the subscribers of channels ask their origins after a gap.
    package init(
        _ sequencer: ChannelSequencer,
        linger: Duration,
        updatesOnFirstSubscription: Bool,
        recoverySpread: Duration = .seconds(3)
    ) {
        self.sequencer = sequencer
        self.recoveries = RecoveryPlan(spread: recoverySpread)
        self.linger = linger
        self.updatesOnFirstSubscription = updatesOnFirstSubscription
    }

    package var channelCount: Int { self.channels.count }

    /// Whether an item of a channel may be for somebody.
    package func isKnown(_ name: String) -> Bool { self.channels[UTF8Key(name)] != nil }

    // MARK: Subscribing

    /// Learns that a loop has its first subscriber on a channel.
    ///
    /// - Returns: That the process has an interest in the channel, when it had none.
    package mutating func attach(_ loop: Int, to name: String, now: EngineTime) -> Effect? {
        let isNew = self.channels[UTF8Key(name)] == nil
        var channel = self.channels[UTF8Key(name)] ?? Channel()
        channel.loops.insert(Loops(loop))
        if loop >= Self.maximumLoops - 1 { channel.sharers += 1 }
        channel.lingersUntil = nil
        self.channels[UTF8Key(name)] = channel
        guard isNew else { return nil }
        if self.updatesOnFirstSubscription { self.fresh.append((now + .seconds(1), name)) }
        return .interest(name)
    }

    /// Learns that a loop's last subscriber of a channel is gone.
    ///
    /// - Parameters:
    ///   - loop: The loop.
    ///   - name: The channel.
    ///   - lingers: Whether it was a long poll, whose client is expected back.
    ///   - now: The time.
    /// - Returns: That the process has no interest in the channel any more, unless another loop has or a client is expected
    ///   back.
    package mutating func detach(_ loop: Int, from name: String, lingers: Bool, now: EngineTime) -> Effect? {
        guard var channel = self.channels[UTF8Key(name)] else { return nil }
        if loop >= Self.maximumLoops - 1 { channel.sharers -= 1 }
        if loop < Self.maximumLoops - 1 || channel.sharers <= 0 { channel.loops.remove(Loops(loop)) }
        guard channel.loops.isEmpty else {
            self.channels[UTF8Key(name)] = channel
            return nil
        }
        guard lingers, self.linger > .zero else { return self.forget(name) }
        let end = now + self.linger
        channel.lingersUntil = end
        self.channels[UTF8Key(name)] = channel
        self.lingering.append((end, name))
        return nil
    }

    private mutating func forget(_ name: String) -> Effect {
        self.channels[UTF8Key(name)] = nil
        self.sequencer.channelLost(name)
        return .noInterest(name)
    }

    /// What a new subscriber needs that has been published since its origin looked.
    ///
    /// What is known about the last item of such a channel is forgotten, so that the answer to a second look counts.
    ///
    /// - Parameter channels: The channels of a hold.
    package mutating func catchUp(_ channels: [HeldChannel]) -> CatchUp {
        var catchUp = CatchUp.inOrder
        for channel in channels {
            guard let previousID = channel.previousID, let lastID = self.sequencer.lastID(of: channel.name),
                !lastID.utf8.elementsEqual(previousID.utf8)
            else { continue }
            self.sequencer.forgetLastID(of: channel.name)
            catchUp = .ask
        }
        return catchUp
    }

    /// Learns that the items of a channel do not follow each other for a subscriber.
    package mutating func forgetLastID(of channel: String) { self.sequencer.forgetLastID(of: channel) }

    /// Forgets the last items of all channels, so that nothing counts as known that may have been missed.
    package mutating func recover() { self.sequencer.forgetAllLastIDs() }

    /// Learns that items of other instances may be missing.
    ///
    /// The next item of such a channel waits for none before it. The subscribers that there are then look at their origins,
    /// spread over a time.
    ///
    /// - Parameters:
    ///   - gap: The channels, of which only those with subscribers count.
    ///   - now: The time.
    ///   - random: A number from 0 to 1 for the times of the looks.
    package mutating func missed(_ gap: GRIPBusGap, now: EngineTime, random: Double) {
        switch gap {
        case .all:
            self.sequencer.forgetAllLastIDs()
            self.recoveries.addAll(self.channels.keys.lazy.map(\.text), now: now, random: random)
        case .channels(let names, _):
            let known = names.filter { self.channels[UTF8Key($0)] != nil }
            for name in known { self.sequencer.forgetLastID(of: name) }
            self.recoveries.add(known, now: now, random: random)
        }
    }

    // MARK: Publishing

    /// Takes an item.
    ///
    /// - Parameters:
    ///   - publication: The item and its channel.
    ///   - outgoing: Where the items are added that are to be delivered now.
    package mutating func receive(
        _ publication: GRIPPublication,
        now: EngineTime,
        to outgoing: inout Outgoing
    ) -> Outcome {
        let channel = self.channels[UTF8Key(publication.channel.name)]
        switch self.sequencer.receive(publication, hasSubscribers: channel != nil, now: now) {
        case .deliverOnly:
            self.add(publication, channel, to: &outgoing)
            return .delivered
        case .deliver(let publications):
            for publication in publications { self.add(publication, channel, to: &outgoing) }
            return .delivered
        case .duplicate: return .duplicate
        case .waiting: return .waiting
        case .dropped: return .dropped
        }
    }

    private func add(_ publication: GRIPPublication, _ channel: Channel?, to outgoing: inout Outgoing) {
        guard let channel, !channel.loops.isEmpty else { return }
        outgoing.append((publication, channel.loops))
    }

    // MARK: Time

    /// When it is to be woken.
    package var nextDeadline: EngineTime? {
        .earlier(
            .earlier(self.fresh.first?.time, self.lingering.first?.time),
            .earlier(self.recoveries.nextDeadline, self.sequencer.nextDeadline)
        )
    }

    /// Does what is due.
    ///
    /// - Returns: What is to be done: with items that have waited long enough, with new channels, and with those that
    ///   nobody has come back to.
    package mutating func wake(at now: EngineTime) -> [Effect] {
        var effects: [Effect] = []
        for publication in self.sequencer.wake(at: now) {
            guard let channel = self.channels[UTF8Key(publication.channel.name)], !channel.loops.isEmpty else {
                continue
            }
            effects.append(.deliver(publication, channel.loops))
        }
        while let entry = self.fresh.first, entry.time <= now {
            self.fresh.removeFirst()
            guard let channel = self.channels[UTF8Key(entry.channel)], !channel.loops.isEmpty else { continue }
            effects.append(.lookAgain(entry.channel, channel.loops))
        }
        for name in self.recoveries.wake(at: now) {
            guard let channel = self.channels[UTF8Key(name)], !channel.loops.isEmpty else { continue }
            effects.append(.lookAgain(name, channel.loops))
        }
        while let entry = self.lingering.first, entry.time <= now {
            self.lingering.removeFirst()
            guard let end = self.channels[UTF8Key(entry.channel)]?.lingersUntil, end <= now else { continue }
            effects.append(self.forget(entry.channel))
        }
        return effects
    }
}
