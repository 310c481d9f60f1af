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

    /// Items and the loops that they go to, in order.
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

    private var channels: [String: Channel] = [:]
    package private(set) var sequencer: ChannelSequencer
    private let linger: Duration
    private let updatesOnFirstSubscription: Bool
    /// Channels that got their first subscriber, by the time at which those are to look again.
    private var fresh = CircularBuffer<(time: EngineTime, channel: String)>()
    private var lingering = CircularBuffer<(time: EngineTime, channel: String)>()

    /// Makes a hub.
    ///
    /// - Parameters:
    ///   - sequencer: What puts items in order.
    ///   - linger: How long a channel counts as subscribed after its last long poll.
    ///   - updatesOnFirstSubscription: Whether a channel's first subscribers ask their origins again.
    package init(_ sequencer: ChannelSequencer, linger: Duration, updatesOnFirstSubscription: Bool) {
        self.sequencer = sequencer
        self.linger = linger
        self.updatesOnFirstSubscription = updatesOnFirstSubscription
    }

    package var channelCount: Int { self.channels.count }

    /// Whether an item of a channel may be for somebody.
    package func isKnown(_ name: String) -> Bool { self.channels[name] != nil }

    // MARK: Subscribing

    /// Learns that a loop has its first subscriber on a channel.
    package mutating func attach(_ loop: Int, to name: String, now: EngineTime) {
        let isNew = self.channels[name] == nil
        var channel = self.channels[name] ?? Channel()
        channel.loops.insert(Loops(loop))
        if loop >= Self.maximumLoops - 1 { channel.sharers += 1 }
        channel.lingersUntil = nil
        self.channels[name] = channel
        if isNew, self.updatesOnFirstSubscription { self.fresh.append((now + .seconds(1), name)) }
    }

    /// Learns that a loop's last subscriber of a channel is gone.
    ///
    /// - Parameter lingers: Whether it was a long poll, whose client is expected back.
    package mutating func detach(_ loop: Int, from name: String, lingers: Bool, now: EngineTime) {
        guard var channel = self.channels[name] else { return }
        if loop >= Self.maximumLoops - 1 { channel.sharers -= 1 }
        if loop < Self.maximumLoops - 1 || channel.sharers <= 0 { channel.loops.remove(Loops(loop)) }
        guard channel.loops.isEmpty else {
            self.channels[name] = channel
            return
        }
        guard lingers, self.linger > .zero else { return self.forget(name) }
        let end = now + self.linger
        channel.lingersUntil = end
        self.channels[name] = channel
        self.lingering.append((end, name))
    }

    private mutating func forget(_ name: String) {
        self.channels[name] = nil
        self.sequencer.channelLost(name)
    }

    /// Whether items have been published since an origin looked.
    ///
    /// What is known about the last item of such a channel is forgotten, so that the answer to a second look counts.
    ///
    /// - Parameter channels: The channels of a hold.
    package mutating func hasConflict(_ channels: [HeldChannel]) -> Bool {
        var hasConflict = false
        for channel in channels {
            guard let previousID = channel.previousID, let lastID = self.sequencer.lastID(of: channel.name),
                !lastID.utf8.elementsEqual(previousID.utf8)
            else { continue }
            self.sequencer.forgetLastID(of: channel.name)
            hasConflict = true
        }
        return hasConflict
    }

    /// Learns that the items of a channel do not follow each other for a subscriber.
    package mutating func forgetLastID(of channel: String) { self.sequencer.forgetLastID(of: channel) }

    /// Forgets the last items of all channels.
    package mutating func recover() { self.sequencer.forgetAllLastIDs() }

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
        let channel = self.channels[publication.channel.name]
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
        .earlier(.earlier(self.fresh.first?.time, self.lingering.first?.time), self.sequencer.nextDeadline)
    }

    /// Does what is due.
    ///
    /// - Returns: The items that have waited long enough, and the channels whose subscribers are to look again.
    package mutating func wake(at now: EngineTime) -> (outgoing: Outgoing, updates: [(channel: String, loops: Loops)]) {
        var outgoing: Outgoing = []
        for publication in self.sequencer.wake(at: now) {
            self.add(publication, self.channels[publication.channel.name], to: &outgoing)
        }
        var updates: [(channel: String, loops: Loops)] = []
        while let entry = self.fresh.first, entry.time <= now {
            self.fresh.removeFirst()
            guard let channel = self.channels[entry.channel], !channel.loops.isEmpty else { continue }
            updates.append((entry.channel, channel.loops))
        }
        while let entry = self.lingering.first, entry.time <= now {
            self.lingering.removeFirst()
            guard let end = self.channels[entry.channel]?.lingersUntil, end <= now else { continue }
            self.forget(entry.channel)
        }
        return (outgoing, updates)
    }
}
