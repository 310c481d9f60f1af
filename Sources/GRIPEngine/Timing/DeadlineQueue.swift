/// Wakes many things at their times with one timer.
///
/// A binary heap of times. Whoever is woken looks at its own deadline: an entry whose owner has moved its deadline since
/// is only a reason to look, so that moving a deadline further off costs nothing.
package struct DeadlineQueue<Owner> {
    fileprivate struct Entry {
        let time: EngineTime
        let owner: Owner
    }

    private var heap: ContiguousArray<Entry> = []

    package init() {}

    package var count: Int { self.heap.count }

    /// When the next one is due.
    package var next: EngineTime? { self.heap.first?.time }

    package mutating func insert(_ owner: Owner, at time: EngineTime) {
        self.heap.append(Entry(time: time, owner: owner))
        var child = self.heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard self.heap[child].time < self.heap[parent].time else { return }
            self.heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Keeps only the entries whose owner passes a test.
    package mutating func keep(where isKept: (Owner) -> Bool) {
        let entries = self.heap
        self.heap = []
        for entry in entries where isKept(entry.owner) { self.insert(entry.owner, at: entry.time) }
    }

    /// Takes out one that is due.
    ///
    /// - Parameter now: The time.
    /// - Returns: One whose time has come, the earliest first, or nothing.
    package mutating func popDue(at now: EngineTime) -> Owner? {
        guard let first = self.heap.first, first.time <= now else { return nil }
        let last = self.heap.removeLast()
        guard !self.heap.isEmpty else { return first.owner }
        self.heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count {
                if self.heap[child].time < self.heap[smallest].time { smallest = child }
            }
            guard smallest != parent else { return first.owner }
            self.heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}

extension DeadlineQueue.Entry: Sendable where Owner: Sendable {}
extension DeadlineQueue: Sendable where Owner: Sendable {}
