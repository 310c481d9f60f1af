/// What a bus has done since it was made.
public struct GRIPNATSBusStatistics: Sendable, Hashable {
    /// What its connection has done, for which heartbeats are messages too.
    public internal(set) var connection = GRIPNATSStatistics()
    /// How many messages under the subjects of the bus were refused because they were none of a bus, or one of another
    /// version.
    public internal(set) var malformed = 0
    /// How many publications were refused because they came under the subject of another channel than theirs.
    public internal(set) var misplaced = 0
    /// How often the server refused a subscription, so that nothing arrives on a channel; see
    /// `GRIPBusGap.Reason.refused`.
    public internal(set) var refusedSubscriptions = 0
    /// How many publications and heartbeats came from more instances than the 1,000 that are followed.
    ///
    /// The publications were handed on, but nobody finds out what of these instances is missing.
    public internal(set) var unfollowed = 0
}
