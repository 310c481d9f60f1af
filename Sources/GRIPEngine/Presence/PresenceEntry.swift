package import GRIP

/// A member of a channel as one instance has it.
package struct PresenceEntry: Sendable, Hashable {
    package var member: GRIPMember
    /// When it joined there, in milliseconds since 1970.
    package var since: Int
    /// When its info became what it is, in milliseconds since 1970.
    package var infoSince: Int
    /// How many connections it has there, at least 1.
    package var connections: Int

    package init(_ member: GRIPMember, since: Int, infoSince: Int? = nil, connections: Int = 1) {
        self.member = member
        self.since = since
        self.infoSince = infoSince ?? since
        self.connections = connections
    }

    var key: UTF8Key { UTF8Key(self.member.key) }

    /// About how many bytes it takes in a message.
    var byteCount: Int { self.member.key.utf8.count + (self.member.info?.utf8.count ?? 0) + 80 }
}

/// What an instance tells of one member.
package enum PresenceEdit: Sendable, Hashable {
    /// The member is this now.
    case set(PresenceEntry)
    /// The member of that key has left.
    case removed(String, GRIPDepartureReason)

    var key: UTF8Key {
        switch self {
        case .set(let entry): entry.key
        case .removed(let key, _): UTF8Key(key)
        }
    }

    var byteCount: Int {
        switch self {
        case .set(let entry): entry.byteCount
        case .removed(let key, _): key.utf8.count + 40
        }
    }
}
