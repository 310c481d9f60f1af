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
