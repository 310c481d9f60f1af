/// What a ``GRIPBus`` has counted since it was made, for the metrics of its proxy.
public struct GRIPBusCounts: Sendable, Hashable {
    /// How many connections to a server were made, the first one among them.
    public var connections: Int
    /// How many messages were taken and then lost with a connection, before they were sent.
    public var lostMessages: Int
    /// How many messages of others were too large and were skipped.
    public var skippedMessages: Int
    /// How many bytes wait to be sent at this moment.
    public var waitingBytes: Int

    /// Makes counts.
    ///
    /// - Parameters:
    ///   - connections: How many connections to a server were made.
    ///   - lostMessages: How many messages were taken and then lost.
    ///   - skippedMessages: How many messages of others were too large.
    ///   - waitingBytes: How many bytes wait to be sent at this moment.
    public init(connections: Int = 0, lostMessages: Int = 0, skippedMessages: Int = 0, waitingBytes: Int = 0) {
        self.connections = connections
        self.lostMessages = lostMessages
        self.skippedMessages = skippedMessages
        self.waitingBytes = waitingBytes
    }
}
