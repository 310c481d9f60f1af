/// What happens to the members of a channel.
public enum GRIPPresenceChange: Sendable, Hashable {
    /// Who is on the channel now, in place of all that was told before.
    ///
    /// It comes first. It comes again when the snapshot becomes complete or is complete no more, and when a watcher did not
    /// take changes as fast as they came.
    case snapshot(GRIPPresenceSnapshot)
    /// A member is on the channel that was not.
    case joined(GRIPPresenceMember)
    /// A member has another info.
    case updated(GRIPPresenceMember)
    /// A member is not on the channel any more; the value is what it was.
    case left(GRIPPresenceMember, GRIPDepartureReason)

    /// The kind of change: `snapshot`, `joined`, `updated` or `left`.
    ///
    /// It is the name of the event in the event stream of the control API.
    public var name: String {
        switch self {
        case .snapshot: "snapshot"
        case .joined: "joined"
        case .updated: "updated"
        case .left: "left"
        }
    }
}
