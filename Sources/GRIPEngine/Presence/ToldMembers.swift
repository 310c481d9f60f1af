import GRIP

/// What other instances have been told of a channel's members here, and what is still to be told.
///
/// Changes are gathered for a moment. Then the difference is told between what there is and what was told before, so that
/// who comes and goes in between is none.
struct ToldMembers: Sendable {
    /// What others know.
    private(set) var entries: [UTF8Key: PresenceEntry] = [:]
    /// Members that may not be as others know them; with the reason where they have left.
    private var changed: [UTF8Key: GRIPDepartureReason?] = [:]
    /// Whether only numbers of connections have changed.
    private var onlyCountsChanged = true
    /// When the changes are told.
    private(set) var flushTime: EngineTime?
    /// The number of the last message, or `nil` where others know of nobody.
    private var number: Int?

    /// Whether others know of nobody and need not hear of anybody.
    var isEmpty: Bool { self.entries.isEmpty && self.changed.isEmpty }

    // MARK: Gathering

    /// Notes that a member is there, maybe as others know it.
    mutating func note(_ entry: PresenceEntry) {
        self.changed[entry.key] = .some(nil)
        if self.entries[entry.key]?.member != entry.member { self.onlyCountsChanged = false }
    }

    /// Notes that a member has left.
    mutating func noteLeft(_ key: UTF8Key, _ reason: GRIPDepartureReason) {
        self.changed[key] = .some(reason)
        self.onlyCountsChanged = false
    }

    /// Leaves others with what they know of a member.
    mutating func keep(_ key: UTF8Key) { self.changed[key] = nil }

    /// Sets when the changes are told, and gives the time where it has become earlier.
    mutating func scheduleFlush(now: EngineTime) -> EngineTime? {
        guard !self.changed.isEmpty else { return nil }
        let times = PresenceRoster.Times.self
        let time = now + (self.onlyCountsChanged ? times.countGathering : times.gathering)
        if let flushTime, flushTime <= time { return nil }
        self.flushTime = time
        return time
    }

    // MARK: Telling

    /// What is to be told, in messages that continue the numbers of this instance.
    ///
    /// - Parameters:
    ///   - name: The channel.
    ///   - number: The number of the instance's last message.
    ///   - current: The member of a key as it is, or `nil` where it is not there.
    mutating func flush(
        _ name: String,
        _ number: inout Int,
        current: (UTF8Key) -> PresenceEntry?
    ) -> [PresenceMessage.Content] {
        let edits = self.takeEdits(current)
        guard !edits.isEmpty else { return [] }
        guard var previous = self.number else {
            number += 1
            self.number = number
            return self.list(name, number: number)
        }
        let messages = edits.divided(byCost: \.byteCount).map { edits in
            number += 1
            defer { previous = number }
            return PresenceMessage.Content.changes(channel: name, number: number, previous: previous, edits)
        }
        // Without members the channel is forgotten, and its number with it: the next message is a whole list.
        self.number = self.entries.isEmpty ? nil : number
        return messages
    }

    /// The difference to what was told, which it is from now on; those who leave make room for those who come.
    private mutating func takeEdits(_ current: (UTF8Key) -> PresenceEntry?) -> [PresenceEdit] {
        let changed = self.changed
        self.changed = [:]
        self.onlyCountsChanged = true
        self.flushTime = nil
        var (removals, settings): ([PresenceEdit], [PresenceEdit]) = ([], [])
        for (key, reason) in changed.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
            let entry = current(key)
            guard entry != self.entries[key] else { continue }
            self.entries[key] = entry
            if let entry {
                settings.append(.set(entry))
            } else {
                removals.append(.removed(key.text, reason ?? .closed))
            }
        }
        return removals + settings
    }

    /// What others know as a whole list, in one message or more.
    func list(_ name: String, number: Int) -> [PresenceMessage.Content] {
        let entries = self.entries.values.sorted { $0.member.key.utf8.lexicographicallyPrecedes($1.member.key.utf8) }
        let parts = entries.isEmpty ? [[]] : entries.divided(byCost: \.byteCount)
        return parts.enumerated().map { index, entries in
            .snapshot(channel: name, number: number, part: index, parts: parts.count, entries)
        }
    }
}

extension Array {
    /// The elements in pieces of about so many bytes as a message may have.
    fileprivate func divided(byCost cost: KeyPath<Element, Int>) -> [[Element]] {
        var pieces: [[Element]] = []
        var room = 0
        for element in self {
            room -= element[keyPath: cost]
            if room < 0 {
                pieces.append([])
                room = PresenceMessage.targetByteCount - element[keyPath: cost]
            }
            pieces[pieces.count - 1].append(element)
        }
        return pieces
    }
}
