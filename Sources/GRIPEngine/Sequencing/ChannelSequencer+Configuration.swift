extension ChannelSequencer {
    package struct Configuration: Sendable, Hashable {
        /// How long an item waits for the one before it.
        package var wait: Duration
        /// How long an id is remembered so that an item is delivered once; zero switches that off.
        package var idLifetime: Duration
        /// How many items may wait on one channel.
        package var pendingPerChannel: Int
        /// How many items may wait on all channels.
        package var pendingTotal: Int
        /// How many bytes may wait on all channels.
        package var pendingBytes: Int
        /// How many channels have a last id; the one used least recently loses it first.
        package var lastIDs: Int
        /// How many ids are remembered; the oldest is forgotten first.
        package var ids: Int
        /// How many bytes of text the last ids, and likewise the remembered ids, may have.
        package var idBytes: Int

        package init(
            wait: Duration = .seconds(5),
            idLifetime: Duration = .seconds(60),
            pendingPerChannel: Int = 100,
            pendingTotal: Int = 100_000,
            pendingBytes: Int = 100_000_000,
            lastIDs: Int = 1_000_000,
            ids: Int = 1_000_000,
            idBytes: Int = 200_000_000
        ) {
            self.wait = wait
            self.idLifetime = idLifetime
            self.pendingPerChannel = pendingPerChannel
            self.pendingTotal = pendingTotal
            self.pendingBytes = pendingBytes
            self.lastIDs = lastIDs
            self.ids = ids
            self.idBytes = idBytes
        }
    }
}
