package import GRIP

extension PresenceRoster {
    /// Begins to watch a channel.
    ///
    /// - Parameters:
    ///   - channel: The channel with the route's prefix.
    ///   - now: The time.
    /// - Throws: ``GRIPPresenceError`` when as many watch, or as many channels are watched, as may be.
    /// - Returns: The first snapshot for the watcher, or `nil` where a ``PresenceAction/tell(channel:_:)`` brings it later,
    ///   after ``Times/settling`` at the latest.
    package mutating func watch(
        _ channel: String,
        now: EngineTime
    ) throws(GRIPPresenceError) -> (snapshot: GRIPPresenceSnapshot?, actions: [PresenceAction]) {
        let name = UTF8Key(channel)
        var actions: [PresenceAction] = []
        guard self.watcherCount < self.configuration.maximumWatchers else {
            self.counted.refusedWatchers += 1
            throw .tooManyWatchers(limit: self.configuration.maximumWatchers)
        }
        if self.watched[name] == nil {
            try self.makeRoom(&actions)
            self.takePart(now: now, &actions)
            self.beginWatch(channel, now: now, &actions)
        }
        // Those who watch already are told what the new one is, so that all know the same.
        self.judge(name, isUrgent: true, now: now, &actions)
        self.watcherCount += 1
        self.watched[name]?.watchers += 1
        self.watched[name]?.lingersUntil = nil
        guard let isComplete = self.watched[name]?.assurance.told else { return (nil, actions) }
        return (self.watched[name]?.snapshot(isComplete: isComplete), actions)
    }

    /// Learns that a watcher of a channel has ended; to be called once for each call of ``watch(_:now:)`` that succeeded.
    package mutating func unwatch(_ channel: String, now: EngineTime) -> [PresenceAction] {
        let name = UTF8Key(channel)
        guard let watchers = self.watched[name]?.watchers, watchers > 0 else { return [] }
        self.watcherCount -= 1
        self.watched[name]?.watchers = watchers - 1
        if watchers == 1 {
            let end = now + Times.watchLinger
            self.watched[name]?.lingersUntil = end
            self.due.insert(.watchEnd(name), at: end)
        }
        return []
    }

    /// The members of a channel as they are known now.
    ///
    /// For a watcher that has missed changes, or does not want to wait any longer.
    ///
    /// - Returns: The snapshot, or `nil` where the channel is not watched.
    package mutating func snapshot(of channel: String, now: EngineTime) -> GRIPPresenceSnapshot? {
        let name = UTF8Key(channel)
        let isComplete = self.watched[name]?.assurance.told ?? self.isComplete(name, now: now)
        return self.watched[name]?.snapshot(isComplete: isComplete)
    }

    private mutating func makeRoom(_ actions: inout [PresenceAction]) throws(GRIPPresenceError) {
        guard self.watched.count >= self.configuration.maximumWatchedChannels else { return }
        // Those that nobody watches any more are kept for convenience only.
        let unused = self.watched.filter { $0.value.watchers == 0 }.keys
        for name in unused { self.watched[name] = nil }
        if self.hasBus, !unused.isEmpty {
            actions.append(.ignore(unused.map { PresenceBusChannel.changes(of: $0.text) }.sorted()))
        }
        guard self.watched.count >= self.configuration.maximumWatchedChannels else { return }
        self.counted.refusedWatchers += 1
        throw .tooManyChannels(limit: self.configuration.maximumWatchedChannels)
    }

    private mutating func beginWatch(_ channel: String, now: EngineTime, _ actions: inout [PresenceAction]) {
        let name = UTF8Key(channel)
        let settlesBy = now + Times.settling
        var watched = WatchedChannel(
            channel,
            maximumMembers: self.configuration.maximumMembers,
            settlesBy: settlesBy
        )
        for content in self.own.snapshot(of: channel) { _ = watched.receive(content, from: self.owner) }
        self.watched[name] = watched
        guard self.hasBus else { return }
        actions.append(.attend([PresenceBusChannel.changes(of: channel)]))
        self.due.insert(.judgement(name), at: settlesBy)
        if let listensUntil { self.due.insert(.judgement(name), at: listensUntil) }
        self.scheduleQuestion(name, at: now, forAll: true)
        self.ask(name, now: now, &actions)
    }

    mutating func endWatch(_ name: UTF8Key, now: EngineTime, _ actions: inout [PresenceAction]) {
        guard let watched = self.watched[name], let end = watched.lingersUntil, end <= now else { return }
        self.watched[name] = nil
        if self.hasBus { actions.append(.ignore([PresenceBusChannel.changes(of: name.text)])) }
    }

    // MARK: Telling watchers

    /// Tells watchers of changes, unless they wait for the first snapshot, which has them.
    func tell(_ changes: [GRIPPresenceChange], on name: UTF8Key, _ actions: inout [PresenceAction]) {
        guard !changes.isEmpty, let watched = self.watched[name], watched.watchers > 0, watched.assurance.told != nil
        else { return }
        actions.append(.tell(channel: name.text, changes))
    }

    /// Looks whether all members of a channel are known, and tells watchers where that is news.
    mutating func judge(
        _ name: UTF8Key,
        isUrgent: Bool = false,
        now: EngineTime,
        _ actions: inout [PresenceAction]
    ) {
        let isComplete = self.isComplete(name, now: now)
        switch self.watched[name]?.assurance.judge(isComplete: isComplete, isUrgent: isUrgent, now: now) {
        case nil: return
        case .nothing(let time)?:
            if let time { self.due.insert(.judgement(name), at: time) }
        case .snapshot(let isComplete)?:
            guard let snapshot = self.watched[name]?.snapshot(isComplete: isComplete) else { return }
            self.tell([.snapshot(snapshot)], on: name, &actions)
        }
    }

    /// Looks at all channels, after something that concerns all.
    mutating func judgeAll(now: EngineTime, _ actions: inout [PresenceAction]) {
        for name in self.watchedNames { self.judge(name, now: now, &actions) }
    }

    /// The channels that are watched, in order.
    var watchedNames: [UTF8Key] {
        self.watched.keys.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// Whether all members of a channel are known here.
    private func isComplete(_ name: UTF8Key, now: EngineTime) -> Bool {
        guard let watched = self.watched[name], !watched.isOverfull else { return false }
        guard self.hasBus else { return true }
        guard self.isConnected, let listensUntil, now >= listensUntil, self.peers.areAllHeard(at: now) else {
            return false
        }
        return self.peers.haveAllAnswered { watched.isCurrent($0) }
    }
}
