/// What a connection has done since it was made.
public struct GRIPNATSStatistics: Sendable, Hashable {
    /// How many messages were taken to be sent.
    public internal(set) var published = 0
    /// How many messages were refused, for any reason.
    public internal(set) var refused = 0
    /// How many messages were taken and then lost with a connection, before all of them were handed to the system.
    public internal(set) var lost = 0
    /// How many messages came in.
    public internal(set) var received = 0
    /// How many messages came in that were too large and were skipped.
    public internal(set) var skipped = 0
    /// How often the server was not content with something, such as a subject, and the connection stayed.
    public internal(set) var complaints = 0
    /// How many connections were ready, the first one among them.
    public internal(set) var connections = 0
    /// How many bytes wait to be sent at this moment.
    public internal(set) var waitingBytes = 0
}
