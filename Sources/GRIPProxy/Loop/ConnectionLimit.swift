import Synchronization

/// How many connections there are and may be, on all event loops together.
final class ConnectionLimit: Sendable {
    /// There is no room for another connection.
    struct Reached: Error {}

    private let maximum: Int
    private let current = Atomic(0)
    private let refusals = Atomic(0)

    init(_ maximum: Int) { self.maximum = maximum }

    /// How many connections there was no room for.
    var refusedCount: Int { self.refusals.load(ordering: .relaxed) }

    /// Counts a new connection, if there is room for it.
    func enter() -> Bool {
        guard self.current.wrappingAdd(1, ordering: .relaxed).newValue <= self.maximum else {
            self.refuse()
            return false
        }
        return true
    }

    /// Counts a connection that was counted as new and is refused for another reason.
    func refuse() {
        self.leave()
        self.refusals.wrappingAdd(1, ordering: .relaxed)
    }

    func leave() { self.current.wrappingSubtract(1, ordering: .relaxed) }
}
