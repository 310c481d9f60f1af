import GRIP

/// The members that one instance has on a channel, as this instance has heard.
///
/// Changes are taken when they follow what is known. Where one is missing the list is not current until the other
/// instance has told all of it again.
struct PeerMembers: Sendable {
    /// What a message means for the list.
    enum Outcome: Sendable, Hashable {
        /// It changes these members, in order; the list is current.
        case edits([PresenceEdit])
        /// Nothing changes: it is known already, or more of it is to come.
        case unchanged
        /// Something before it is missing.
        case hole
    }

    private struct Parts: Sendable {
        let number: Int
        var next: Int
        var entries: [PresenceEntry]
    }

    private let maximum: Int
    private(set) var entries: [UTF8Key: PresenceEntry] = [:]
    /// The number up to which everything is known, or `nil` before the first list.
    private var number: Int?
    private var parts: Parts?
    /// Whether these are the members, as far as can be known.
    private(set) var isCurrent = false
    /// Whether there are more members than are taken note of.
    private(set) var isOverfull = false

    init(maximum: Int) { self.maximum = maximum }

    /// Notes that something may be missing.
    mutating func doubt() { self.isCurrent = false }

    /// Notes that what was told up to a number has not arrived.
    mutating func doubt(lost: Int) {
        if self.number ?? -1 < lost { self.isCurrent = false }
    }

    mutating func receive(_ content: PresenceMessage.Content) -> Outcome {
        switch content {
        case .snapshot(_, let number, let part, let parts, let entries):
            return self.receive(entries, number: number, part: part, of: parts)
        case .changes(_, let number, let previous, let edits):
            guard let known = self.number else { return self.hole() }
            guard number > known else { return .unchanged }
            guard previous <= known else { return self.hole() }
            self.number = number
            // Each message names the one before it on the channel, so that nothing is missing now, whatever was feared.
            self.isCurrent = true
            return .edits(edits)
        case .alive, .question, .kick: return .unchanged
        }
    }

    private mutating func hole() -> Outcome {
        self.isCurrent = false
        return .hole
    }

    private mutating func receive(_ entries: [PresenceEntry], number: Int, part: Int, of parts: Int) -> Outcome {
        guard number >= self.number ?? 0 else { return .unchanged }
        var all = entries
        if part > 0 {
            guard let before = self.parts, before.number == number, before.next == part else {
                self.parts = nil
                return self.hole()
            }
            all = before.entries + entries
        }
        guard part + 1 == parts else {
            self.parts = Parts(number: number, next: part + 1, entries: Array(all.prefix(self.maximum + 1)))
            return .unchanged
        }
        self.parts = nil
        self.number = number
        self.isCurrent = true
        self.isOverfull = false
        return .edits(self.difference(to: all))
    }

    /// What makes the list that one.
    ///
    /// Why somebody is missing in it is not known.
    private func difference(to entries: [PresenceEntry]) -> [PresenceEdit] {
        let keys = Set(entries.map(\.key))
        let removed = self.entries.keys.filter { !keys.contains($0) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        return removed.map { .removed($0.text, .closed) }
            + entries.filter { self.entries[$0.key] != $0 }.map { .set($0) }
    }

    /// Changes one member.
    mutating func apply(_ edit: PresenceEdit) {
        switch edit {
        case .removed(let key, _): self.entries[UTF8Key(key)] = nil
        case .set(let entry):
            guard self.entries[entry.key] != nil || self.entries.count < self.maximum else {
                self.isOverfull = true
                return
            }
            self.entries[entry.key] = entry
        }
    }
}
