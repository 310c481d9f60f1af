import GRIP
import NIOCore

/// Numbers what an instance publishes, channel by channel, and remembers what the next heartbeats are to say.
///
/// A number is used up by a publication that is refused or lost too: the others then see that one is missing.
package struct SentLedger: Sendable {
    package struct Number: Sendable, Hashable {
        package var value: UInt64
        /// Whether the numbers of the channel begin anew: what came before is forgotten.
        package var isFirst: Bool

        package init(value: UInt64, isFirst: Bool) {
            self.value = value
            self.isFirst = isFirst
        }
    }

    /// What was published to a channel and is not yet said.
    private struct Change: Sendable {
        var first: UInt64
        var last: UInt64
        var count: UInt64
    }

    /// How many channels are remembered.
    private let channelLimit: Int
    /// How many channels a heartbeat names.
    private let heartbeatLimit: Int
    /// The channels used lately, and those used before them; the latter are forgotten together.
    private var recent: [UTF8Key: UInt64] = [:]
    private var older: [UTF8Key: UInt64] = [:]
    private var changes: [UTF8Key: Change] = [:]
    /// The channels of the changes, in the order in which heartbeats name them.
    private var queue = CircularBuffer<UTF8Key>()
    /// How many publications the changes stand for.
    private var unsaid: UInt64 = 0
    /// Whether there were more changes than are remembered, so that no heartbeat will name them.
    private var hasTooManyChanges = false
    /// Whether a publication was refused since the heartbeats last said everything.
    private var hasRefused = false
    private var beat: UInt64 = 0
    private var total: UInt64 = 0

    /// Makes a ledger without publications.
    ///
    /// - Parameters:
    ///   - channelLimit: How many channels are remembered.
    ///   - heartbeatLimit: How many channels a heartbeat names.
    package init(channelLimit: Int = 100_000, heartbeatLimit: Int = 1000) {
        self.channelLimit = channelLimit
        self.heartbeatLimit = heartbeatLimit
    }

    /// How many channels are remembered.
    package var count: Int { self.recent.count + self.older.count }

    /// Whether there is something that no heartbeat has said.
    package var hasChanges: Bool { self.hasTooManyChanges || !self.changes.isEmpty }

    // MARK: Publications

    /// The number of the next publication of a channel.
    ///
    /// - Parameters:
    ///   - name: The name of the channel.
    ///   - isRefused: Whether the publication is not sent.
    @discardableResult
    package mutating func next(_ name: String, isRefused: Bool = false) -> Number {
        let channel = UTF8Key(name)
        let last = self.recent[channel] ?? self.older.removeValue(forKey: channel)
        let value = (last ?? 0) + 1
        if self.recent.count >= self.channelLimit / 2, self.recent[channel] == nil {
            self.older = self.recent
            self.recent = [:]
        }
        self.recent[channel] = value
        self.total += 1
        if isRefused { self.hasRefused = true }
        self.note(channel, value)
        return Number(value: value, isFirst: last == nil)
    }

    private mutating func note(_ channel: UTF8Key, _ value: UInt64) {
        guard !self.hasTooManyChanges else { return }
        self.unsaid += 1
        if var change = self.changes[channel] {
            // Numbers that begin anew go back.
            if value < change.first { change.first = value }
            change.last = value
            change.count += 1
            self.changes[channel] = change
        } else if self.changes.count < self.channelLimit {
            self.changes[channel] = Change(first: value, last: value, count: 1)
            self.queue.append(channel)
        } else {
            self.hasTooManyChanges = true
            self.forgetChanges()
        }
    }

    private mutating func forgetChanges() {
        self.changes = [:]
        self.queue = CircularBuffer()
        self.unsaid = 0
    }

    // MARK: Heartbeats

    /// What the next heartbeat says; it says the same again until ``sent(_:)`` tells that it is on its way.
    ///
    /// Channels that it has no room for are left to the heartbeats after it.
    ///
    /// - Parameters:
    ///   - instance: Which instance this is.
    ///   - byteLimit: How many bytes it may have; a channel that alone has more is named by none.
    package mutating func heartbeat(of instance: UInt64, byteLimit: Int = 65_536) -> Heartbeat {
        guard !self.hasTooManyChanges else {
            // The others look for everything when a heartbeat is missing, as they must where nobody has got what was refused.
            let beat = self.beat + (self.hasRefused ? 2 : 1)
            return Heartbeat(instance: instance, beat: beat, total: self.total, channels: nil)
        }
        var entries: [Heartbeat.Entry] = []
        var byteCount = Heartbeat.headByteCount
        var said: UInt64 = 0
        while entries.count < min(self.heartbeatLimit, self.queue.count) {
            let channel = self.queue[offset: entries.count]
            guard let change = self.changes[channel] else { break }
            let cost = channel.text.utf8.count + Heartbeat.entryByteCount
            guard Heartbeat.headByteCount + cost <= byteLimit else {
                self.forget(channel, at: entries.count)
                continue
            }
            guard byteCount + cost <= byteLimit else { break }
            byteCount += cost
            said += change.count
            entries.append(Heartbeat.Entry(channel: channel.text, first: change.first, last: change.last))
        }
        // Another total than before tells those who miss a heartbeat that it has named channels.
        let total = self.total - (self.unsaid - said)
        return Heartbeat(
            instance: instance,
            beat: self.beat + 1,
            total: total,
            channels: entries,
            hasMore: entries.count < self.queue.count
        )
    }

    private mutating func forget(_ channel: UTF8Key, at offset: Int) {
        self.queue.remove(at: self.queue.index(self.queue.startIndex, offsetBy: offset))
        self.unsaid -= self.changes.removeValue(forKey: channel)?.count ?? 0
    }

    /// Learns that the last heartbeat that was asked for is on its way.
    ///
    /// - Parameter heartbeat: The heartbeat. Nothing was published since it was made.
    package mutating func sent(_ heartbeat: Heartbeat) {
        self.beat = heartbeat.beat
        for entry in heartbeat.channels ?? [] {
            self.unsaid -= self.changes.removeValue(forKey: UTF8Key(entry.channel))?.count ?? 0
        }
        self.queue.removeFirst(min(heartbeat.channels?.count ?? 0, self.queue.count))
        if heartbeat.channels == nil { self.hasTooManyChanges = false }
        if self.changes.isEmpty { self.hasRefused = false }
    }
}
