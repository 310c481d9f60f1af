import Synchronization

/// What all threads share of a connection.
final class NATSShared: Sendable {
    struct State {
        var outbox: NATSOutbox
        var statistics = GRIPNATSStatistics()
        var nextSubscription: UInt64 = 1
        /// What the event loop does not know yet.
        var changes: [SubscriptionChange] = []
        /// Whether the event loop will look here soon.
        var isScheduled = false
        var hasRun = false
    }

    enum SubscriptionChange {
        case begin(UInt64, SubscriptionTable.Entry)
        case end(UInt64)
    }

    let state: Mutex<State>

    init(limits: NATSOutbox.Limits) { self.state = Mutex(State(outbox: NATSOutbox(limits: limits))) }
}

extension NATSShared.State {
    /// Whether the event loop has to be told that there is something to do.
    mutating func schedule() -> Bool {
        guard !self.isScheduled else { return false }
        self.isScheduled = true
        return true
    }
}
