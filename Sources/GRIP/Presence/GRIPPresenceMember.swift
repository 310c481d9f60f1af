/// A member of a channel, as all instances together have it.
public struct GRIPPresenceMember: Sendable, Hashable {
    /// The key and the info; of several infos, the one that was given last.
    public let member: GRIPMember
    /// When the member joined, in milliseconds since 1970 by the clock of the instance that it joined on.
    ///
    /// Of several instances, the earliest.
    public let sinceMilliseconds: Int
    /// How many connections the member has on all instances, at least 1.
    ///
    /// A member whose client is expected back, as between two long polls, still counts as one. Changes of the number alone
    /// make no ``GRIPPresenceChange``.
    public let connections: Int

    /// Makes a member of a channel, as a proxy or a test does.
    ///
    /// - Parameters:
    ///   - member: The key and the info.
    ///   - sinceMilliseconds: When it joined, in milliseconds since 1970.
    ///   - connections: How many connections it has, at least 1.
    public init(_ member: GRIPMember, sinceMilliseconds: Int, connections: Int = 1) {
        self.member = member
        self.sinceMilliseconds = sinceMilliseconds
        self.connections = max(1, connections)
    }

    /// What tells members of a channel apart.
    public var key: String { self.member.key }
    /// A text about the member that others may see, or `nil` where there is none.
    public var info: String? { self.member.info }
}
