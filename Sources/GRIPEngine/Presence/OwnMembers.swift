import GRIP

/// The members of this instance, by channel, and the numbers of what other instances are told of them.
struct OwnMembers: Sendable {
    private let configuration: PresenceRoster.Configuration
    private var channels: [UTF8Key: OwnChannel] = [:]
    /// The number of the last message that told of changes.
    private(set) var number = 0
    /// The number of the last such message that the bus did not take.
    private(set) var lost = 0
    /// How many members there are, on all channels.
    private(set) var count = 0
    /// How many channels have members, or had some who are still known to others.
    var channelCount: Int { self.channels.count }
    /// How often there were as many on a channel as there may be.
    private(set) var refusedCount = 0
    /// Whether the instance ends: members whose connections it ends count as here until others find them elsewhere.
    private(set) var isEnding = false

    init(_ configuration: PresenceRoster.Configuration) { self.configuration = configuration }

    // MARK: Connections

    /// Notes a connection of a member.
    ///
    /// A connection that was another member of the channel before is that one no more.
    mutating func join(
        _ member: GRIPMember,
        to name: String,
        by subscriber: SubscriberIdentity,
        at time: Int,
        now: EngineTime
    ) -> OwnChannel.Effects {
        var channel = self.take(name)
        defer { self.put(channel) }
        var effects = OwnChannel.Effects()
        if let key = channel.key(of: subscriber.connection), key != UTF8Key(member.key) {
            effects = channel.leave(subscriber, reason: .closed, linger: .zero, now: now)
        }
        if channel.hasMember(member.key) || channel.count < self.configuration.maximumMembers {
            channel.join(member, by: subscriber, at: time)
        } else {
            self.refusedCount += 1
        }
        return effects
    }

    /// Notes that a connection of a member is gone; one that is no member is left alone.
    mutating func leave(
        _ name: String,
        by subscriber: SubscriberIdentity,
        reason: GRIPDepartureReason,
        lingers: Bool,
        now: EngineTime
    ) -> OwnChannel.Effects {
        guard self.channels[UTF8Key(name)] != nil else { return OwnChannel.Effects() }
        var channel = self.take(name)
        defer { self.put(channel) }
        if self.isEnding, reason == .shutdown { return channel.abandon(subscriber) }
        let linger = lingers && !self.isEnding ? self.configuration.linger : .zero
        return channel.leave(subscriber, reason: reason, linger: linger, now: now)
    }

    /// Lets a member go with all its connections, which are to be ended.
    mutating func kick(_ key: String, from name: String) -> OwnChannel.Effects {
        guard self.channels[UTF8Key(name)] != nil else { return OwnChannel.Effects() }
        var channel = self.take(name)
        defer { self.put(channel) }
        return channel.kick(UTF8Key(key))
    }

    /// Lets a member go whose connection has not come back; one that has is left alone.
    mutating func endLinger(of key: UTF8Key, on name: UTF8Key, now: EngineTime) -> OwnChannel.Effects {
        guard self.channels[name] != nil else { return OwnChannel.Effects() }
        var channel = self.take(name.text)
        defer { self.put(channel) }
        return channel.endLinger(of: key, now: now)
    }

    /// Ends: nobody is waited for here any more.
    ///
    /// - Returns: The departures of those who were waited for, who still count as here for other instances.
    mutating func end() -> [GRIPDeparture] {
        self.isEnding = true
        var departures: [GRIPDeparture] = []
        for name in self.channels.keys.sorted(by: { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }) {
            var channel = self.take(name.text)
            departures += channel.abandonWaiting()
            self.put(channel)
        }
        return departures
    }

    // MARK: Telling

    /// When the changes of a channel are told, or `nil` where there are none.
    func flushTime(of name: UTF8Key) -> EngineTime? { self.channels[name]?.told.flushTime }

    /// Sets when the changes of a channel are told; an earlier time stays, and a channel without changes gets none.
    ///
    /// - Returns: When they are told, where that has become earlier.
    mutating func scheduleFlush(of name: UTF8Key, now: EngineTime) -> EngineTime? {
        self.channels[name]?.told.scheduleFlush(now: now) ?? nil
    }

    /// The changes of a channel that are to be told, in order; empty when they have undone each other.
    mutating func flush(_ name: UTF8Key) -> [PresenceMessage.Content] {
        guard self.channels[name] != nil else { return [] }
        var channel = self.take(name.text)
        defer { self.put(channel) }
        return channel.flush(&self.number)
    }

    /// Whom this instance has on a channel, as far as it was told before.
    func snapshot(of name: String) -> [PresenceMessage.Content] {
        (self.channels[UTF8Key(name)]?.told ?? ToldMembers()).list(name, number: self.number)
    }

    /// Notes that others miss what was told with a number.
    mutating func lose(_ number: Int) { self.lost = max(self.lost, number) }

    // MARK: Storage

    /// Takes a channel out, so that what is in it is not copied when it changes.
    private mutating func take(_ name: String) -> OwnChannel {
        let channel = self.channels.removeValue(forKey: UTF8Key(name)) ?? OwnChannel(name)
        self.count -= channel.count
        return channel
    }

    private mutating func put(_ channel: OwnChannel) {
        self.count += channel.count
        if !channel.isForgettable { self.channels[UTF8Key(channel.name)] = channel }
    }
}
