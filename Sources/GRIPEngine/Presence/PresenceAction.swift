package import GRIP

/// What is to be done about presence, in the order in which it is said.
package enum PresenceAction: Sendable, Hashable {
    /// Hands a message to the bus; one that the bus does not take is given back with ``PresenceRoster/refused(_:)``.
    case publish(PresenceMessage)
    /// Attends channels of the bus, whose names are reserved.
    case attend([String])
    /// Ignores channels of the bus again.
    case ignore([String])
    /// Tells all watchers of a channel what changes.
    case tell(channel: String, [GRIPPresenceChange])
    /// Ends a connection, because its member on a channel is kicked.
    case end(connection: UInt64, channel: String)
    /// Tells the application that a member has left on this instance.
    case departed(GRIPDeparture)
}
