import GRIP
import GRIPEngine

/// Those who watch channels, with what each of them has not taken yet.
struct PresenceWatchers: Sendable {
    typealias Wake = @Sendable () -> Void

    enum Next: Sendable {
        case change(GRIPPresenceChange)
        /// A snapshot is to be made in place of what was lost.
        case snapshotNeeded
        case none
        case end
    }

    private struct Watcher: Sendable {
        let channel: UTF8Key
        var backlog: PresenceBacklog
        /// Who waits for something to be there.
        var wake: Wake?
    }

    private var watchers: [Int: Watcher] = [:]
    private var channels: [UTF8Key: Set<Int>] = [:]
    private var lastID = 0
    /// Whether nobody watches any more.
    private(set) var isOver = false

    /// Adds one.
    ///
    /// - Parameters:
    ///   - channel: What it watches.
    ///   - limit: How many changes may wait for it.
    mutating func add(to channel: String, limit: Int) -> Int {
        self.lastID += 1
        let key = UTF8Key(channel)
        self.watchers[self.lastID] = Watcher(channel: key, backlog: PresenceBacklog(limit: limit))
        self.channels[key, default: []].insert(self.lastID)
        return self.lastID
    }

    /// Removes one.
    ///
    /// - Returns: `nil` when there is none of that id, and otherwise who is to be woken, if anybody is.
    mutating func remove(_ id: Int) -> Wake?? {
        guard let watcher = self.watchers.removeValue(forKey: id) else { return nil }
        self.channels[watcher.channel]?.remove(id)
        if self.channels[watcher.channel]?.isEmpty == true { self.channels[watcher.channel] = nil }
        return .some(watcher.wake)
    }

    /// Tells one of a change.
    ///
    /// - Returns: Who is to be woken, if anybody is.
    mutating func tell(_ id: Int, _ change: GRIPPresenceChange) -> Wake? {
        _ = self.watchers[id]?.backlog.add([change])
        return self.watchers[id]?.wake.take()
    }

    /// Tells all watchers of a channel what changes there.
    ///
    /// - Returns: Who is to be woken.
    mutating func tell(_ channel: String, _ changes: [GRIPPresenceChange], _ counters: inout PresenceCounters) -> [Wake]
    {
        var wakes: [Wake] = []
        for id in self.channels[UTF8Key(channel)] ?? [] {
            if self.watchers[id]?.backlog.add(changes) == false { counters.changesLeftOut += changes.count }
            if let wake = self.watchers[id]?.wake.take() { wakes.append(wake) }
        }
        return wakes
    }

    /// What one gets next.
    mutating func next(_ id: Int) -> Next {
        guard self.watchers[id] != nil else { return .end }
        switch self.watchers[id]?.backlog.next() {
        case .change(let change)?: return .change(change)
        case .snapshotNeeded?: return .snapshotNeeded
        case nil: return self.isOver ? .end : .none
        }
    }

    /// Notes who is to be woken when there is something.
    ///
    /// - Returns: Whether that is noted; otherwise there is something, or nothing will come any more.
    mutating func wait(_ id: Int, _ wake: @escaping Wake) -> Bool {
        guard !self.isOver, self.watchers[id]?.backlog.isEmpty == true else { return false }
        self.watchers[id]?.wake = wake
        return true
    }

    /// Ends all: who has taken what waits gets nothing more.
    ///
    /// - Returns: Who is to be woken.
    mutating func end() -> [Wake] {
        self.isOver = true
        return self.watchers.keys.sorted().compactMap { self.watchers[$0]?.wake.take() }
    }
}
