import GRIP

/// The members that this instance has on one channel.
///
/// A member has a place from its first connection until its last one is gone and has not come back in time. What has
/// changed is gathered, and then told as the difference to what was told before.
struct OwnChannel: Sendable {
    /// What the roster is to do because of a change.
    struct Effects: Sendable {
        var departures: [GRIPDeparture] = []
        /// Connections to be ended.
        var ended: [UInt64] = []
        /// Until when a member is waited for.
        var waiting: (key: UTF8Key, end: EngineTime)?
    }

    struct Place: Sendable {
        var entry: PresenceEntry
        /// The connections, with what the origin has told filters about each.
        var connections: [UInt64: [String: String]]
        /// Who was the last to leave and why, while it is waited for.
        var waiting: Waiting?
    }

    struct Waiting: Sendable {
        let last: SubscriberIdentity
        let reason: GRIPDepartureReason
        let end: EngineTime
    }

    let name: String
    private(set) var places: [UTF8Key: Place] = [:]
    /// Whose connections there are.
    private(set) var keys: [UInt64: UTF8Key] = [:]
    /// What others know.
    private(set) var published: [UTF8Key: PresenceEntry] = [:]
    /// Members that may not be as others know them; with the reason where they have left.
    private var changed: [UTF8Key: GRIPDepartureReason?] = [:]
    /// Whether only numbers of connections have changed.
    private var onlyCountsChanged = true
    /// When the changes are told.
    private(set) var flushTime: EngineTime?
    /// The number of the last message, or `nil` where others know of nobody.
    private var number: Int?

    init(_ name: String) { self.name = name }

    var isForgettable: Bool { self.places.isEmpty && self.published.isEmpty && self.changed.isEmpty }

    // MARK: Connections

    mutating func join(_ member: GRIPMember, by subscriber: SubscriberIdentity, at time: Int) {
        let key = UTF8Key(member.key)
        var place =
            self.places.removeValue(forKey: key)
            ?? Place(entry: PresenceEntry(member, since: time), connections: [:])
        place.connections[subscriber.connection] = subscriber.meta
        place.waiting = nil
        self.keys[subscriber.connection] = key
        if place.entry.member != member {
            place.entry.member = member
            place.entry.infoSince = time
        }
        self.update(&place, key)
        self.places[key] = place
    }

    /// Takes a connection from its member, which is waited for where the linger is not zero.
    mutating func leave(
        _ subscriber: SubscriberIdentity,
        reason: GRIPDepartureReason,
        linger: Duration,
        now: EngineTime
    ) -> Effects {
        guard let key = self.keys.removeValue(forKey: subscriber.connection),
            var place = self.places.removeValue(forKey: key)
        else { return Effects() }
        place.connections[subscriber.connection] = nil
        guard place.connections.isEmpty else {
            self.update(&place, key)
            self.places[key] = place
            return Effects()
        }
        guard linger > .zero else {
            self.changed[key] = .some(reason)
            self.onlyCountsChanged = false
            return Effects(departures: [self.departure(place, subscriber, reason)])
        }
        let end = now + linger
        place.waiting = Waiting(last: subscriber, reason: reason, end: end)
        self.update(&place, key)
        self.places[key] = place
        return Effects(waiting: (key, end))
    }

    mutating func endLinger(of key: UTF8Key, now: EngineTime) -> Effects {
        guard let place = self.places[key], let waiting = place.waiting, waiting.end <= now else { return Effects() }
        self.places[key] = nil
        self.changed[key] = .some(waiting.reason)
        self.onlyCountsChanged = false
        return Effects(departures: [self.departure(place, waiting.last, waiting.reason)])
    }

    mutating func kick(_ key: UTF8Key) -> Effects {
        if self.published[key] != nil || self.places[key] != nil {
            self.changed[key] = .some(.kicked)
            self.onlyCountsChanged = false
        }
        guard let place = self.places.removeValue(forKey: key) else { return Effects() }
        let connections = place.connections.keys.sorted()
        for connection in connections { self.keys[connection] = nil }
        let last =
            connections.last.map { SubscriberIdentity(connection: $0, meta: place.connections[$0] ?? [:]) }
            ?? place.waiting?.last
        return Effects(departures: last.map { [self.departure(place, $0, .kicked)] } ?? [], ended: connections)
    }

    /// Takes a connection from its member, which others go on to know as one of this instance.
    mutating func abandon(_ subscriber: SubscriberIdentity) -> Effects {
        guard let key = self.keys.removeValue(forKey: subscriber.connection) else { return Effects() }
        self.places[key]?.connections[subscriber.connection] = nil
        guard let place = self.places[key], place.connections.isEmpty else { return Effects() }
        self.forget(key)
        return Effects(departures: [self.departure(place, subscriber, .shutdown)])
    }

    /// Lets all go who are waited for, whom others go on to know as members of this instance.
    mutating func abandonWaiting() -> [GRIPDeparture] {
        var departures: [GRIPDeparture] = []
        for (key, place) in self.places.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
            guard let waiting = place.waiting else { continue }
            self.forget(key)
            departures.append(self.departure(place, waiting.last, waiting.reason))
        }
        return departures
    }

    /// Takes the place of a member without a word to others.
    private mutating func forget(_ key: UTF8Key) {
        self.places[key] = nil
        self.changed[key] = nil
    }

    /// Notes what a member's connections have become.
    private mutating func update(_ place: inout Place, _ key: UTF8Key) {
        place.entry.connections = max(1, place.connections.count)
        self.changed[key] = .some(nil)
        let published = self.published[key]
        if published == nil || published?.member != place.entry.member { self.onlyCountsChanged = false }
    }

    private func departure(
        _ place: Place,
        _ subscriber: SubscriberIdentity,
        _ reason: GRIPDepartureReason
    ) -> GRIPDeparture {
        GRIPDeparture(
            channel: self.name,
            member: place.entry.member,
            reason: reason,
            connection: String(subscriber.connection),
            meta: subscriber.meta
        )
    }

    // MARK: Telling

    /// Sets when the changes are told, and gives the time where it has become earlier.
    mutating func scheduleFlush(now: EngineTime) -> EngineTime? {
        guard !self.changed.isEmpty else { return nil }
        let times = PresenceRoster.Times.self
        let time = now + (self.onlyCountsChanged ? times.countGathering : times.gathering)
        if let flushTime, flushTime <= time { return nil }
        self.flushTime = time
        return time
    }

    /// What is to be told, in messages that continue the numbers of this instance.
    mutating func flush(_ number: inout Int) -> [PresenceMessage.Content] {
        let changed = self.changed
        self.changed = [:]
        self.onlyCountsChanged = true
        self.flushTime = nil
        // Those who leave make room for those who come.
        var (edits, sets): ([PresenceEdit], [PresenceEdit]) = ([], [])
        for (key, reason) in changed.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
            let entry = self.places[key]?.entry
            guard entry != self.published[key] else { continue }
            self.published[key] = entry
            if let entry { sets.append(.set(entry)) } else { edits.append(.removed(key.text, reason ?? .closed)) }
        }
        edits += sets
        guard !edits.isEmpty else { return [] }
        guard let first = self.number else {
            number += 1
            self.number = number
            return Self.snapshot(of: self.name, number: number, self.published.values)
        }
        var previous = first
        let messages = edits.divided(byCost: \.byteCount).map { edits in
            number += 1
            defer { previous = number }
            return PresenceMessage.Content.changes(channel: self.name, number: number, previous: previous, edits)
        }
        self.number = self.published.isEmpty ? nil : number
        return messages
    }

    /// A list of members as messages, of which there is at least one.
    static func snapshot(
        of name: String,
        number: Int,
        _ entries: some Collection<PresenceEntry>
    ) -> [PresenceMessage.Content] {
        let sorted = entries.sorted { $0.member.key.utf8.lexicographicallyPrecedes($1.member.key.utf8) }
        let parts = sorted.divided(byCost: \.byteCount)
        guard !parts.isEmpty else { return [.snapshot(channel: name, number: number, part: 0, parts: 1, [])] }
        return parts.enumerated().map { index, entries in
            .snapshot(channel: name, number: number, part: index, parts: parts.count, entries)
        }
    }
}

extension Array {
    /// The elements in pieces of about so many bytes as a message may have.
    fileprivate func divided(byCost cost: KeyPath<Element, Int>) -> [[Element]] {
        var pieces: [[Element]] = []
        var room = 0
        for element in self {
            room -= element[keyPath: cost]
            if room < 0 {
                pieces.append([])
                room = PresenceMessage.targetByteCount - element[keyPath: cost]
            }
            pieces[pieces.count - 1].append(element)
        }
        return pieces
    }
}
