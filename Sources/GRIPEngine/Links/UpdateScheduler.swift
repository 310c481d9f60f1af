import NIOCore

/// Spreads the requests with which held connections look for what they have missed.
///
/// Those that want it at about the same time are let go together, so that equal requests can be made once.
package struct UpdateScheduler: Sendable {
    /// How many are let go at a time.
    package static let batch = 100
    package static let interval: Duration = .milliseconds(100)

    private var waiting = CircularBuffer<UInt64>()
    private var members: Set<UInt64> = []
    /// When the next ones are let go.
    package private(set) var nextDeadline: EngineTime?

    package init() {}

    package var count: Int { self.waiting.count }

    /// Adds a connection, once.
    package mutating func add(_ id: UInt64, now: EngineTime) {
        guard self.members.insert(id).inserted else { return }
        self.waiting.append(id)
        if self.nextDeadline == nil { self.nextDeadline = now + Self.interval }
    }

    /// Lets some go.
    ///
    /// - Parameter now: The time.
    /// - Returns: The connections whose turn it is; some may have ended since.
    package mutating func wake(at now: EngineTime) -> [UInt64] {
        guard let deadline = self.nextDeadline, now >= deadline else { return [] }
        var due: [UInt64] = []
        while due.count < Self.batch, let id = self.waiting.popFirst() {
            self.members.remove(id)
            due.append(id)
        }
        self.nextDeadline = self.waiting.isEmpty ? nil : now + Self.interval
        return due
    }
}
