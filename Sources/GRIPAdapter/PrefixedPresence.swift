import GRIP

/// Presence on channels as handlers name them, where the proxy knows them with a prefix.
struct PrefixedPresence: GRIPPresence {
    let base: any GRIPPresence
    let prefix: GRIPPrefix

    func members(of channel: String) async throws(GRIPPresenceError) -> GRIPPresenceSnapshot {
        Self.renamed(try await self.base.members(of: self.prefix.text + channel), channel)
    }

    func changes(of channel: String) -> GRIPPresenceChanges {
        GRIPPresenceChanges(
            self.base.changes(of: self.prefix.text + channel).map { change in
                if case .snapshot(let snapshot) = change { .snapshot(Self.renamed(snapshot, channel)) } else { change }
            }
        )
    }

    func kick(_ key: String, from channel: String) async throws(GRIPPresenceError) {
        try await self.base.kick(key, from: self.prefix.text + channel)
    }

    /// A departure with the channel as handlers name it.
    static func localized(_ departure: GRIPDeparture, _ prefix: GRIPPrefix) -> GRIPDeparture {
        guard departure.channel.utf8.starts(with: prefix.text.utf8) else { return departure }
        return GRIPDeparture(
            channel: String(Substring(departure.channel.utf8.dropFirst(prefix.text.utf8.count))),
            member: departure.member,
            reason: departure.reason,
            connection: departure.connection,
            meta: departure.meta
        )
    }

    private static func renamed(_ snapshot: GRIPPresenceSnapshot, _ channel: String) -> GRIPPresenceSnapshot {
        GRIPPresenceSnapshot(channel: channel, members: snapshot.members, isComplete: snapshot.isComplete)
    }
}
