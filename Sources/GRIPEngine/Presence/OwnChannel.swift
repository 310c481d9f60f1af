import GRIP

/// The members that this instance has on one channel.
///
/// A member has a place from its first connection until its last one is gone and has not come back in time.
struct OwnChannel: Sendable {
    /// What the roster is to do because of a change.
    struct Effects: Sendable {
        var departures: [GRIPDeparture] = []
        /// Connections to be ended.
        var ended: [UInt64] = []
        /// Until when a member is waited for.
        var waiting: (key: UTF8Key, end: EngineTime)?
    }

    private struct Place: Sendable {
        var entry: PresenceEntry
        /// The connections, with what the origin has told filters about each.
        var connections: [UInt64: [String: String]]
        /// Who was the last to leave and why, while it is waited for.
        var waiting: Waiting?
    }

    private struct Waiting: Sendable {
        let last: SubscriberIdentity
        let reason: GRIPDepartureReason
        let end: EngineTime
    }

    let name: String
    private var places: [UTF8Key: Place] = [:]
    /// Whose connections there are.
    private var keys: [UInt64: UTF8Key] = [:]
    /// What other instances know of it.
    var told = ToldMembers()

    init(_ name: String) { self.name = name }

    /// How many members there are.
    var count: Int { self.places.count }

    var isForgettable: Bool { self.places.isEmpty && self.told.isEmpty }

    func hasMember(_ key: String) -> Bool { self.places[UTF8Key(key)] != nil }

    /// The member that a connection is.
    func key(of connection: UInt64) -> UTF8Key? { self.keys[connection] }

    // MARK: Connections

    mutating func join(_ member: GRIPMember, by subscriber: SubscriberIdentity, at time: Int) {
        let key = UTF8Key(member.key)
        var place =
            self.places.removeValue(forKey: key) ?? Place(entry: PresenceEntry(member, since: time), connections: [:])
        place.connections[subscriber.connection] = subscriber.meta
        place.waiting = nil
        self.keys[subscriber.connection] = key
        if place.entry.member != member {
            place.entry.member = member
            place.entry.infoSince = time
        }
        self.put(place, key)
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
            self.put(place, key)
            return Effects()
        }
        guard linger > .zero else {
            self.told.noteLeft(key, reason)
            return Effects(departures: [self.departure(place, subscriber, reason)])
        }
        let end = now + linger
        place.waiting = Waiting(last: subscriber, reason: reason, end: end)
        self.put(place, key)
        return Effects(waiting: (key, end))
    }

    /// Lets a member go that was waited for long enough.
    mutating func endLinger(of key: UTF8Key, now: EngineTime) -> Effects {
        guard let place = self.places[key], let waiting = place.waiting, waiting.end <= now else { return Effects() }
        self.places[key] = nil
        self.told.noteLeft(key, waiting.reason)
        return Effects(departures: [self.departure(place, waiting.last, waiting.reason)])
    }

    /// Lets a member go with all its connections.
    mutating func kick(_ key: UTF8Key) -> Effects {
        self.told.noteLeft(key, .kicked)
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
        self.places[key] = nil
        self.told.keep(key)
        return Effects(departures: [self.departure(place, subscriber, .shutdown)])
    }

    /// Lets all go who are waited for, whom others go on to know as members of this instance.
    mutating func abandonWaiting() -> [GRIPDeparture] {
        var departures: [GRIPDeparture] = []
        for (key, place) in self.places.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
            guard let waiting = place.waiting else { continue }
            self.places[key] = nil
            self.told.keep(key)
            departures.append(self.departure(place, waiting.last, waiting.reason))
        }
        return departures
    }

    private mutating func put(_ place: Place, _ key: UTF8Key) {
        var place = place
        // One that is waited for counts as there.
        place.entry.connections = max(1, place.connections.count)
        self.told.note(place.entry)
        self.places[key] = place
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

    /// What is to be told, in messages that continue the numbers of this instance.
    mutating func flush(_ number: inout Int) -> [PresenceMessage.Content] {
        let places = self.places
        return self.told.flush(self.name, &number) { places[$0]?.entry }
    }
}
