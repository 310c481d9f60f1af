package import GRIP

/// Who is on which channel: the members of this instance, those of others on the channels that are watched here, and what
/// instances tell each other.
///
/// Each instance owns its members. It tells what changes on a channel to those who watch the channel, in numbered messages,
/// each of which names the one before it. Who begins to watch, or finds a message missing, asks, and is told the whole list.
/// Once a second each instance says that it is there; the members of one that falls silent leave.
///
/// Nothing here has a clock or random numbers of its own. Actions are done in their order; what they publish is handed to
/// the bus in the order of the calls.
package struct PresenceRoster: Sendable {
    /// What is to be looked at when its time has come.
    enum Due: Sendable {
        case heartbeat
        case flush(UTF8Key)
        case linger(UTF8Key, on: UTF8Key)
        case answer(UTF8Key)
        case question(UTF8Key)
        case judgement(UTF8Key)
        case watchEnd(UTF8Key)
    }

    /// More questions than that wait for no answer; who asks does so again.
    static let maximumAnswers = 10_000

    /// This instance.
    package let owner: UInt64
    let configuration: Configuration
    let hasBus: Bool
    var own: OwnMembers
    var peers: PresencePeers
    var watched: [UTF8Key: WatchedChannel] = [:]
    var watcherCount = 0
    var due = DeadlineQueue<Due>()
    var random: SplitMix64
    var isConnected = false
    /// Whether this instance tells that it is there, which it does from its first member or watcher on.
    var isTakingPart = false
    /// When all others have been heard who are there.
    var listensUntil: EngineTime?
    /// Whether nobody was silent at the last heartbeat.
    var wereAllHeard = true
    /// The channels that others have asked about.
    var asked: Set<UTF8Key> = []
    /// How long the members have to appear elsewhere, once this instance ends.
    var grace: Duration?
    var counted = Numbers()

    /// Makes a roster without members.
    ///
    /// - Parameters:
    ///   - owner: A random number, another one at each start.
    ///   - configuration: How long it waits, and how much there may be of what.
    ///   - hasBus: Whether there may be other instances.
    package init(owner: UInt64, _ configuration: Configuration = Configuration(), hasBus: Bool) {
        self.owner = owner
        self.configuration = configuration
        self.hasBus = hasBus
        self.own = OwnMembers(configuration)
        self.peers = PresencePeers(maximum: configuration.maximumPeers)
        self.random = SplitMix64(seed: owner)
    }

    /// How much there is of what, and what has been counted.
    package var numbers: Numbers {
        var numbers = self.counted
        numbers.members = self.own.count
        numbers.channels = self.own.channelCount
        numbers.refusedMembers = self.own.refusedCount
        numbers.watchers = self.watcherCount
        numbers.watchedChannels = self.watched.count
        numbers.peers = self.peers.count
        return numbers
    }

    // MARK: Members of this instance

    /// Learns that a connection is a member of a channel from now on, or is it with another key or info.
    ///
    /// - Parameters:
    ///   - member: Who the client is there.
    ///   - channel: The channel with the route's prefix.
    ///   - subscriber: The connection, with what its origin has told filters.
    ///   - time: The time of day, in milliseconds since 1970.
    ///   - now: The time.
    package mutating func join(
        _ member: GRIPMember,
        to channel: String,
        by subscriber: SubscriberIdentity,
        at time: Int,
        now: EngineTime
    ) -> [PresenceAction] {
        var actions: [PresenceAction] = []
        self.takePart(now: now, &actions)
        let effects = self.own.join(member, to: channel, by: subscriber, at: time, now: now)
        self.apply(effects, on: channel, now: now, &actions)
        return actions
    }

    /// Learns that a connection is a member of a channel no more; one that was none is left alone.
    ///
    /// - Parameters:
    ///   - channel: The channel with the route's prefix.
    ///   - subscriber: The connection, with what its origin has told filters.
    ///   - reason: Why.
    ///   - lingers: Whether the client is waited for: not where its origin has ended the subscription.
    ///   - now: The time.
    package mutating func leave(
        _ channel: String,
        by subscriber: SubscriberIdentity,
        reason: GRIPDepartureReason,
        lingers: Bool = true,
        now: EngineTime
    ) -> [PresenceAction] {
        var actions: [PresenceAction] = []
        let effects = self.own.leave(channel, by: subscriber, reason: reason, lingers: lingers, now: now)
        self.apply(effects, on: channel, now: now, &actions)
        return actions
    }

    /// Ends all connections of a member of a channel, here and on other instances.
    ///
    /// - Parameters:
    ///   - key: The key of the member, which need not be there.
    ///   - channel: The channel with the route's prefix.
    ///   - now: The time.
    package mutating func kick(_ key: String, from channel: String, now: EngineTime) -> [PresenceAction] {
        var actions: [PresenceAction] = []
        self.apply(self.own.kick(key, from: channel), on: channel, now: now, &actions)
        // Not left out without a connection: the caller is to learn that others do not hear of it.
        if self.hasBus, self.grace != .zero {
            actions.append(.publish(PresenceMessage(owner: self.owner, .kick(channel: channel, key: key))))
        }
        return actions
    }

    /// Begins to end: members whose connections end with ``GRIPDepartureReason/shutdown`` from now on stay with the other
    /// instances, which wait for them.
    ///
    /// To be called before these connections are ended, and once. Heartbeats go on until nobody calls ``wake(at:)`` any
    /// more; the grace begins with the last of them.
    ///
    /// - Parameters:
    ///   - grace: How long the others wait; with zero, all members leave at once.
    ///   - now: The time.
    package mutating func shutDown(grace: Duration, now: EngineTime) -> [PresenceAction] {
        guard self.grace == nil else { return [] }
        var actions = self.own.end().map { PresenceAction.departed($0) }
        self.grace = grace
        if self.isTakingPart { self.publish(self.heartbeat, isLast: true, &actions) }
        return actions
    }

    mutating func apply(
        _ effects: OwnChannel.Effects,
        on channel: String,
        now: EngineTime,
        _ actions: inout [PresenceAction]
    ) {
        for connection in effects.ended { actions.append(.end(connection: connection, channel: channel)) }
        for departure in effects.departures { actions.append(.departed(departure)) }
        let name = UTF8Key(channel)
        if let (key, end) = effects.waiting { self.due.insert(.linger(key, on: name), at: end) }
        if let time = self.own.scheduleFlush(of: name, now: now) { self.due.insert(.flush(name), at: time) }
    }

    /// Tells what has changed on a channel, to watchers here and to other instances.
    private mutating func flush(_ name: UTF8Key, now: EngineTime, _ actions: inout [PresenceAction]) {
        guard let time = self.own.flushTime(of: name), time <= now else { return }
        var changes: [GRIPPresenceChange] = []
        for content in self.own.flush(name) {
            changes += self.watched[name]?.receive(content, from: self.owner) ?? []
            self.publish(content, &actions)
        }
        self.tell(changes, on: name, &actions)
    }

    // MARK: Time

    /// When it is to be woken.
    package var nextDeadline: EngineTime? { self.due.next }

    /// Does what is due.
    package mutating func wake(at now: EngineTime) -> [PresenceAction] {
        var actions: [PresenceAction] = []
        while let due = self.due.popDue(at: now) {
            switch due {
            case .heartbeat: self.beat(now: now, &actions)
            case .flush(let channel): self.flush(channel, now: now, &actions)
            case .linger(let key, let channel):
                self.apply(self.own.endLinger(of: key, on: channel, now: now), on: channel.text, now: now, &actions)
            case .answer(let channel): self.answer(channel, &actions)
            case .question(let channel): self.ask(channel, now: now, &actions)
            case .judgement(let channel): self.judge(channel, now: now, &actions)
            case .watchEnd(let channel): self.endWatch(channel, now: now, &actions)
            }
        }
        return actions
    }
}
