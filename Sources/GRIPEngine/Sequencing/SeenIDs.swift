/// The ids of items that were taken lately, so that none is delivered twice.
struct SeenIDs: Sendable {
    private let lifetime: Duration
    private var expiries: OrderedTable<ItemKey, EngineTime>

    /// Remembers ids.
    ///
    /// - Parameters:
    ///   - lifetime: How long; nothing is remembered for no time.
    ///   - maximumCount: How many at most.
    ///   - maximumBytes: How many bytes of text at most.
    init(lifetime: Duration, maximumCount: Int, maximumBytes: Int) {
        self.lifetime = lifetime
        self.expiries = OrderedTable(maximumCount: maximumCount, maximumCost: maximumBytes)
    }

    var isOff: Bool { self.lifetime <= .zero }
    var count: Int { self.expiries.count }

    func contains(_ key: ItemKey, at now: EngineTime) -> Bool {
        self.expiries[key].map { $0 > now } ?? false
    }

    /// Remembers an id and tells how many had to be forgotten before their time.
    mutating func insert(_ key: ItemKey, at now: EngineTime) -> Int {
        // All ids live equally long, so that the oldest expire first. Two go for each that comes, which keeps up with
        // any burst and never takes long.
        for _ in 0..<2 {
            guard let oldest = self.expiries.first, oldest.value <= now else { break }
            self.expiries.removeFirst()
        }
        return self.expiries.set(now + self.lifetime, for: key, cost: key.byteCount)
    }

    mutating func remove(_ key: ItemKey) { self.expiries.remove(key) }
}
