/// A member that has left a channel on this instance: its last connection has gone, and none has come back in time.
///
/// It is about one instance. Where there are several, the member may be on another one; ``GRIPPresence/changes(of:)`` is
/// about all.
public struct GRIPDeparture: Sendable, Hashable {
    /// The name of the channel.
    public let channel: String
    /// The member as its last connection named it.
    public let member: GRIPMember
    /// Why its last connection ended.
    public let reason: GRIPDepartureReason
    /// The id of its last connection, as the control API lists it.
    public let connection: String
    /// What the origin has told filters about its last connection.
    public let meta: [String: String]

    /// Makes a departure, as a proxy or a test does.
    ///
    /// - Parameters:
    ///   - channel: The name of the channel.
    ///   - member: The member as its last connection named it.
    ///   - reason: Why its last connection ended.
    ///   - connection: The id of its last connection.
    ///   - meta: What the origin has told filters about its last connection.
    public init(
        channel: String,
        member: GRIPMember,
        reason: GRIPDepartureReason,
        connection: String,
        meta: [String: String] = [:]
    ) {
        self.channel = channel
        self.member = member
        self.reason = reason
        self.connection = connection
        self.meta = meta
    }
}
