/// Who is on a channel at one moment.
public struct GRIPPresenceSnapshot: Sendable, Hashable {
    /// The name of the channel.
    public let channel: String
    /// The members: those that joined first come first, and of one moment those with the smaller key, by bytes.
    public let members: [GRIPPresenceMember]
    /// Whether these are all members of all instances.
    ///
    /// When it is false, members may be missing or may have left: the proxy has just begun to look at the channel, its bus
    /// is not connected, another instance is silent, or there are more members than the limit allows.
    public let isComplete: Bool

    /// Makes a snapshot, as a proxy or a test does.
    ///
    /// - Parameters:
    ///   - channel: The name of the channel.
    ///   - members: The members in any order.
    ///   - isComplete: Whether these are all members.
    public init(channel: String, members: [GRIPPresenceMember], isComplete: Bool) {
        self.channel = channel
        self.members = members.sorted(by: Self.isBefore)
        self.isComplete = isComplete
    }

    private static func isBefore(_ lhs: GRIPPresenceMember, _ rhs: GRIPPresenceMember) -> Bool {
        guard lhs.sinceMilliseconds == rhs.sinceMilliseconds else {
            return lhs.sinceMilliseconds < rhs.sinceMilliseconds
        }
        return lhs.key.utf8.lexicographicallyPrecedes(rhs.key.utf8)
    }
}
