import GRIP

/// A channel that is watched: whom each instance has on it, put together.
///
/// A member that several instances have is one member. It joins with the first of them and leaves with the last.
struct WatchedChannel: Sendable {
    let name: String
    private let maximumMembers: Int
    /// Whom each instance has, this one among them.
    private var owners: [UInt64: PeerMembers] = [:]
    private var cached: GRIPPresenceSnapshot?

    /// How many are watching.
    var watchers = 0
    /// Until when it stays watched without watchers.
    var lingersUntil: EngineTime?
    /// When other instances are asked.
    var question = PresenceQuestion()
    /// Whether what is told is complete.
    var assurance: PresenceAssurance

    init(_ name: String, maximumMembers: Int, settlesBy: EngineTime) {
        self.name = name
        self.maximumMembers = maximumMembers
        self.assurance = PresenceAssurance(settlesBy: settlesBy)
    }

    /// Whether an instance has told whom it has, and nothing of it may be missing.
    func isCurrent(_ owner: UInt64) -> Bool { self.owners[owner]?.isCurrent ?? false }

    /// Whether there are more members than are taken note of.
    var isOverfull: Bool { self.owners.values.contains(where: \.isOverfull) }

    // MARK: Changes

    /// Takes what an instance tells about the channel.
    ///
    /// - Returns: What changes for watchers, or `nil` where the instance is to be asked again.
    mutating func receive(_ content: PresenceMessage.Content, from owner: UInt64) -> [GRIPPresenceChange]? {
        switch self.owners[owner, default: PeerMembers(maximum: self.maximumMembers)].receive(content) {
        case .unchanged: []
        case .hole: nil
        case .edits(let edits): edits.compactMap { self.apply($0, of: owner) }
        }
    }

    /// Forgets an instance and whom it has.
    mutating func remove(_ owner: UInt64, _ reason: GRIPDepartureReason) -> [GRIPPresenceChange] {
        guard let entries = self.owners[owner]?.entries else { return [] }
        let keys = entries.keys.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        let changes = keys.compactMap { self.apply(.removed($0.text, reason), of: owner) }
        self.owners[owner] = nil
        self.cached = nil
        return changes
    }

    /// Notes that something of all other instances may be missing.
    mutating func doubtAll(but own: UInt64) {
        for owner in self.owners.keys where owner != own { self.owners[owner]?.doubt() }
    }

    /// Notes that what an instance told up to a number has not arrived.
    mutating func doubt(_ owner: UInt64, lost: Int) { self.owners[owner]?.doubt(lost: lost) }

    private mutating func apply(_ edit: PresenceEdit, of owner: UInt64) -> GRIPPresenceChange? {
        let before = self.member(edit.key)
        self.owners[owner]?.apply(edit)
        let after = self.member(edit.key)
        if before != after { self.cached = nil }
        switch (before, after) {
        case (nil, let after?): return .joined(after)
        case (let before?, nil):
            guard case .removed(_, let reason) = edit else { return nil }
            return .left(before, reason)
        case (let before?, let after?): return before.member == after.member ? nil : .updated(after)
        case (nil, nil): return nil
        }
    }

    // MARK: Members

    /// A member as all instances together have it.
    private func member(_ key: UTF8Key) -> GRIPPresenceMember? {
        var merged: MergedMember?
        for (owner, members) in self.owners {
            guard let entry = members.entries[key] else { continue }
            merged = merged?.merging(entry, of: owner) ?? MergedMember(entry, of: owner)
        }
        return merged?.member
    }

    /// All members; made once for all who ask before the next change.
    mutating func snapshot(isComplete: Bool) -> GRIPPresenceSnapshot {
        if let cached, cached.isComplete == isComplete { return cached }
        var members: [UTF8Key: MergedMember] = [:]
        for (owner, list) in self.owners {
            for (key, entry) in list.entries {
                members[key] = members[key]?.merging(entry, of: owner) ?? MergedMember(entry, of: owner)
            }
        }
        let snapshot = GRIPPresenceSnapshot(
            channel: self.name,
            members: members.values.map(\.member),
            isComplete: isComplete
        )
        self.cached = snapshot
        return snapshot
    }
}

/// A member that one or several instances have.
private struct MergedMember {
    private var entry: PresenceEntry
    /// Whose info counts.
    private var owner: UInt64

    init(_ entry: PresenceEntry, of owner: UInt64) {
        self.entry = entry
        self.owner = owner
    }

    /// The member together with what another instance has of it.
    ///
    /// Of infos that are equally new, that of the larger number counts, so that all instances choose the same.
    func merging(_ other: PresenceEntry, of owner: UInt64) -> MergedMember {
        var merged = self
        if (self.entry.infoSince, self.owner) < (other.infoSince, owner) {
            merged.entry.member = other.member
            merged.entry.infoSince = other.infoSince
            merged.owner = owner
        }
        merged.entry.since = min(self.entry.since, other.since)
        merged.entry.connections += other.connections
        return merged
    }

    var member: GRIPPresenceMember {
        GRIPPresenceMember(
            self.entry.member,
            sinceMilliseconds: self.entry.since,
            connections: self.entry.connections
        )
    }
}
