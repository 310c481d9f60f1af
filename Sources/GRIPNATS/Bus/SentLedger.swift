import GRIP

/// Numbers what an instance publishes, channel by channel, and remembers what the next heartbeat is to say.
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

    /// How many channels are remembered.
    private let channelLimit: Int
    /// How many channels a heartbeat names.
    private let heartbeatLimit: Int
    /// How many bytes of names a heartbeat has.
    private let heartbeatBytes: Int
    /// The channels used lately, and those used before them; the latter are forgotten together.
    private var recent: [UTF8Key: UInt64] = [:]
    private var older: [UTF8Key: UInt64] = [:]
    private var changed: [UTF8Key: ClosedRange<UInt64>] = [:]
    private var changedBytes = 0
    private var hasTooManyChanges = false
    private var beat: UInt64 = 0
    private var total: UInt64 = 0

    package init(channelLimit: Int = 100_000, heartbeatLimit: Int = 1000, heartbeatBytes: Int = 65_536) {
        self.channelLimit = channelLimit
        self.heartbeatLimit = heartbeatLimit
        self.heartbeatBytes = heartbeatBytes
    }

    /// How many channels are remembered.
    package var count: Int { self.recent.count + self.older.count }

    /// The number of the next publication of a channel.
    package mutating func next(_ name: String) -> Number {
        let channel = UTF8Key(name)
        let last = self.recent[channel] ?? self.older.removeValue(forKey: channel)
        let value = (last ?? 0) + 1
        if self.recent.count >= self.channelLimit / 2, self.recent[channel] == nil {
            self.older = self.recent
            self.recent = [:]
        }
        self.recent[channel] = value
        self.total += 1
        self.note(channel, value)
        return Number(value: value, isFirst: last == nil)
    }

    private mutating func note(_ channel: UTF8Key, _ value: UInt64) {
        guard !self.hasTooManyChanges else { return }
        if let range = self.changed[channel], range.lowerBound <= value {
            self.changed[channel] = range.lowerBound...value
        } else {
            self.changed[channel] = value...value
            self.changedBytes += channel.text.utf8.count + Heartbeat.entryByteCount
        }
        if self.changed.count > self.heartbeatLimit || self.changedBytes > self.heartbeatBytes {
            self.hasTooManyChanges = true
            self.changed = [:]
        }
    }

    /// What the next heartbeat says.
    package mutating func heartbeat(of instance: UInt64) -> Heartbeat {
        self.beat += 1
        return Heartbeat(
            instance: instance,
            beat: self.beat,
            total: self.total,
            channels: self.hasTooManyChanges
                ? nil
                : self.changed.map {
                    Heartbeat.Entry(channel: $0.key.text, first: $0.value.lowerBound, last: $0.value.upperBound)
                }
        )
    }

    /// Learns that a heartbeat is on its way; without, the next one says the same and more.
    package mutating func heartbeatSent() {
        self.changed = [:]
        self.changedBytes = 0
        self.hasTooManyChanges = false
    }
}
