public import GRIP

extension GRIPNATSBus {
    /// What a proxy shows among its metrics; ``statistics`` has more.
    public var counts: GRIPBusCounts {
        let statistics = self.statistics.connection
        return GRIPBusCounts(
            connections: statistics.connections,
            lostMessages: statistics.lost,
            skippedMessages: statistics.skipped,
            waitingBytes: statistics.waitingBytes
        )
    }
}
