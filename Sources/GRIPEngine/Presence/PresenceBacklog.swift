package import GRIP
import NIOCore

/// The changes that a watcher has not taken yet.
///
/// One that takes too little loses them all, and goes on with a snapshot.
package struct PresenceBacklog: Sendable {
    /// What the watcher gets next.
    package enum Next: Sendable, Hashable {
        case change(GRIPPresenceChange)
        /// A snapshot that is made now, in the place of what was lost.
        case snapshotNeeded
    }

    private let limit: Int
    private var changes = CircularBuffer<GRIPPresenceChange>()
    private var isBehind = false

    /// Makes a backlog without changes.
    ///
    /// - Parameter limit: How many changes may wait.
    package init(limit: Int = 1024) { self.limit = max(1, limit) }

    /// Whether the watcher has to wait.
    package var isEmpty: Bool { self.changes.isEmpty && !self.isBehind }

    /// Adds changes, in order.
    ///
    /// - Returns: Whether they wait. When they do not, the watcher has fallen behind with them, or was behind before.
    package mutating func add(_ changes: [GRIPPresenceChange]) -> Bool {
        guard !self.isBehind else { return false }
        for change in changes {
            // Between two snapshots nothing is of use. Who has left before the first one has left for a reason.
            if change.isSnapshot, self.changes.contains(where: \.isSnapshot) { self.changes.removeAll() }
            self.changes.append(change)
        }
        guard self.changes.count > self.limit else { return true }
        self.changes = CircularBuffer()
        self.isBehind = true
        return false
    }

    /// Takes out what comes next, or `nil` where there is nothing.
    ///
    /// A watcher that was behind is not any more when it is told so: the snapshot is to be made before the next change is
    /// added.
    package mutating func next() -> Next? {
        if self.isBehind {
            self.isBehind = false
            return .snapshotNeeded
        }
        return self.changes.popFirst().map { .change($0) }
    }
}

extension GRIPPresenceChange {
    fileprivate var isSnapshot: Bool { if case .snapshot = self { true } else { false } }
}
