/// A table that knows which of its entries is the oldest, and lets the oldest go when it is full.
///
/// It is full by the number of its entries or by what they cost, in bytes.
struct OrderedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    struct Entry: Sendable {
        let key: Key
        let value: Value
        let cost: Int
    }

    let maximumCount: Int
    let maximumCost: Int
    private var positions: [Key: Int] = [:]
    private var entries = OrderedSlab<Entry>()
    private(set) var cost = 0

    init(maximumCount: Int, maximumCost: Int) {
        self.maximumCount = maximumCount
        self.maximumCost = maximumCost
    }

    var isEmpty: Bool { self.entries.count == 0 }
    var count: Int { self.entries.count }
    /// The oldest entry.
    var first: Entry? { self.entries.first.flatMap { self.entries[$0] } }

    subscript(_ key: Key) -> Value? { self.positions[key].flatMap { self.entries[$0] }?.value }

    /// Whether an entry can be added without another going.
    func hasRoom(for cost: Int) -> Bool {
        self.count < self.maximumCount && cost <= self.maximumCost - self.cost
    }

    /// Adds an entry or replaces one, which makes it the newest, and tells how many had to go for it.
    mutating func set(_ value: Value, for key: Key, cost: Int) -> Int {
        let entry = Entry(key: key, value: value, cost: cost)
        if let position = self.positions[key] {
            self.cost -= self.entries[position]?.cost ?? 0
            self.entries.replace(at: position, with: entry)
        } else {
            self.positions[key] = self.entries.append(entry)
        }
        self.cost += cost
        var removed = 0
        while self.count > self.maximumCount || self.cost > self.maximumCost, self.removeFirst() != nil {
            removed += 1
        }
        return removed
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        // An absent key is the usual case, and finding that out must not copy the table.
        guard let position = self.positions[key] else { return nil }
        self.positions[key] = nil
        return self.take(at: position)?.value
    }

    /// Takes out the oldest entry.
    @discardableResult
    mutating func removeFirst() -> Entry? {
        guard let position = self.entries.first, let entry = self.take(at: position) else { return nil }
        self.positions[entry.key] = nil
        return entry
    }

    mutating func removeAll() { self = Self(maximumCount: self.maximumCount, maximumCost: self.maximumCost) }

    private mutating func take(at position: Int) -> Entry? {
        let entry = self.entries.remove(at: position)
        self.cost -= entry?.cost ?? 0
        return entry
    }
}
