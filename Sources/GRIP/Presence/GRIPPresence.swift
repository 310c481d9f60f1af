/// Who is on a channel, on all instances together.
///
/// Connections count that a handler has given a ``GRIPMember``, on the channel that it named with it. Several connections
/// with one key are one member. A member stays for a while after its last connection has ended, so that one that
/// reconnects or polls again does not leave and join each time.
public protocol GRIPPresence: Sendable {
    /// The members of a channel.
    ///
    /// - Parameter channel: The name of the channel.
    /// - Throws: ``GRIPPresenceError`` when there is no presence, or as much is watched as may be.
    /// - Returns: The members that are known, after a wait of about a second for other instances where that is needed.
    ///   ``GRIPPresenceSnapshot/isComplete`` says whether all have answered.
    func members(of channel: String) async throws(GRIPPresenceError) -> GRIPPresenceSnapshot

    /// The members of a channel, and then what changes.
    ///
    /// - Parameter channel: The name of the channel.
    /// - Returns: A sequence that begins with a snapshot and ends when the proxy shuts down or the task is cancelled. It
    ///   throws ``GRIPPresenceError`` at its first element when there is no presence, or as much is watched as may be.
    func changes(of channel: String) -> GRIPPresenceChanges

    /// Ends all connections that a member has on a channel, on all instances.
    ///
    /// The connections end as a whole, with their other channels: a response that has begun is cut off, a long poll is
    /// answered with 403, and a WebSocket is closed with 1008. Nothing keeps the client from coming back except the origin,
    /// which should refuse it from then on.
    ///
    /// - Parameters:
    ///   - key: The key of the member. A key that is not on the channel is left alone.
    ///   - channel: The name of the channel.
    /// - Throws: ``GRIPPresenceError`` when there is no presence, or other instances could not be told.
    func kick(_ key: String, from channel: String) async throws(GRIPPresenceError)
}
