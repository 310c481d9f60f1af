import GRIP

/// Publications that wait for the one before them.
///
/// Each is found by its channel and prev-id, and by how long it has waited.
struct WaitingItems: Sendable {
    private struct Waiting: Sendable {
        let publication: GRIPPublication
        let deadline: EngineTime
    }

    private let maximumPerChannel: Int
    private var items: OrderedTable<ItemKey, Waiting>
    private var previousIDs: [UTF8Key: Set<UTF8Key>] = [:]

    init(maximumCount: Int, maximumPerChannel: Int, maximumBytes: Int) {
        self.maximumPerChannel = maximumPerChannel
        self.items = OrderedTable(maximumCount: maximumCount, maximumCost: maximumBytes)
    }

    var isEmpty: Bool { self.items.isEmpty }
    var count: Int { self.items.count }
    /// About how many bytes of memory the publications take.
    var bytes: Int { self.items.cost }
    /// When the oldest has waited long enough, which is first, as all wait equally long.
    var nextDeadline: EngineTime? { self.items.first?.value.deadline }

    /// Keeps a publication until a time, or tells why not.
    mutating func insert(
        _ publication: GRIPPublication,
        after previousID: String,
        until deadline: EngineTime
    ) -> ChannelSequencer.DropReason? {
        let channel = publication.channel.name
        let key = ItemKey(channel: channel, id: previousID)
        guard self.items[key] == nil else { return .samePreviousID }
        guard self.previousIDs[UTF8Key(channel)]?.count ?? 0 < self.maximumPerChannel else { return .channelFull }
        let bytes = publication.approximateByteCount
        guard self.items.hasRoom(for: bytes) else { return .full }
        _ = self.items.set(Waiting(publication: publication, deadline: deadline), for: key, cost: bytes)
        self.previousIDs[UTF8Key(channel), default: []].insert(UTF8Key(previousID))
        return nil
    }

    /// Takes out the publication that follows an item.
    mutating func remove(after key: ItemKey) -> GRIPPublication? {
        guard let waiting = self.items.remove(key) else { return nil }
        self.forget(key)
        return waiting.publication
    }

    /// Takes out the oldest publication if it has waited long enough.
    mutating func removeOverdue(at now: EngineTime) -> GRIPPublication? {
        guard let deadline = self.nextDeadline, deadline <= now, let entry = self.items.removeFirst() else {
            return nil
        }
        self.forget(entry.key)
        return entry.value.publication
    }

    /// Takes out all that waits on a channel.
    mutating func removeAll(on channel: String) -> [GRIPPublication] {
        guard let previousIDs = self.previousIDs.removeValue(forKey: UTF8Key(channel)) else { return [] }
        return previousIDs.compactMap { self.items.remove(ItemKey(channel: channel, id: $0.text))?.publication }
    }

    private mutating func forget(_ key: ItemKey) {
        let channel = UTF8Key(key.channel)
        self.previousIDs[channel]?.remove(UTF8Key(key.id))
        if self.previousIDs[channel]?.isEmpty ?? false { self.previousIDs[channel] = nil }
    }
}
