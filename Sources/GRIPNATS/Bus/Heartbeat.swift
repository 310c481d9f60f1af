package import NIOCore

/// What an instance says about itself at least every second: how much it has published, and where.
package struct Heartbeat: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var channel: String
        /// The number of the first publication since a heartbeat has named the channel.
        package var first: UInt64
        /// The number of the last publication.
        package var last: UInt64

        package init(channel: String, first: UInt64, last: UInt64) {
            self.channel = channel
            self.first = first
            self.last = last
        }
    }

    static let version: UInt8 = 1
    private static let hasTooMany: UInt8 = 1
    private static let hasMore: UInt8 = 2

    /// How many bytes there are before the entries.
    static let headByteCount = 26
    /// How many bytes an entry has beside the name.
    static let entryByteCount = 20

    package var instance: UInt64
    /// Counts the heartbeats of the instance from 1.
    package var beat: UInt64
    /// How many publications all heartbeats up to this one stand for.
    package var total: UInt64
    /// Channels that were published to and that no heartbeat has named since; `nil` where there are too many to name.
    package var channels: [Entry]?
    /// Whether there are further channels, which the next heartbeats name.
    package var hasMore: Bool

    package init(instance: UInt64, beat: UInt64, total: UInt64, channels: [Entry]?, hasMore: Bool = false) {
        self.instance = instance
        self.beat = beat
        self.total = total
        self.channels = channels
        self.hasMore = hasMore
    }

    package var payload: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(
            Self.version,
            (self.channels == nil ? Self.hasTooMany : 0) | (self.hasMore ? Self.hasMore : 0),
            self.instance,
            self.beat,
            self.total
        )
        for entry in self.channels ?? [] {
            buffer.writeMultipleIntegers(entry.first, entry.last, UInt32(entry.channel.utf8.count))
            buffer.writeString(entry.channel)
        }
        return buffer
    }

    /// Reads a heartbeat; `nil` for what is none.
    package init?(payload: ByteBuffer) {
        var payload = payload
        guard
            let (version, flags, instance, beat, total) = payload.readMultipleIntegers(
                as: (UInt8, UInt8, UInt64, UInt64, UInt64).self
            ), version == Self.version, flags & ~(Self.hasTooMany | Self.hasMore) == 0, beat > 0
        else { return nil }
        var entries: [Entry] = []
        while payload.readableBytes > 0 {
            guard let (first, last, byteCount) = payload.readMultipleIntegers(as: (UInt64, UInt64, UInt32).self),
                let name = payload.readSlice(length: Int(byteCount)),
                let channel = String(validating: name.readableBytesView, as: UTF8.self)
            else { return nil }
            entries.append(Entry(channel: channel, first: first, last: last))
        }
        self.init(
            instance: instance,
            beat: beat,
            total: total,
            channels: flags & Self.hasTooMany != 0 ? nil : entries,
            hasMore: flags & Self.hasMore != 0
        )
    }
}
