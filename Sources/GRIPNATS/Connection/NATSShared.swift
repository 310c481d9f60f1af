import Synchronization

/// What all threads share of a connection.
final class NATSShared: Sendable {
    struct State {
        var outbox: NATSOutbox
        var statistics = GRIPNATSStatistics()
        private var lastSubscription: UInt64 = 0
        /// What the event loop does not know yet.
        var changes: [SubscriptionChange] = []
        /// Whether the event loop will look here soon.
        var isScheduled = false
        var hasRun = false
        /// Whether there is a subscription for the answers to requests.
        var hasInbox = false

        init(outbox: NATSOutbox) { self.outbox = outbox }

        /// Whether the event loop has to be told that there is something to do.
        mutating func schedule() -> Bool {
            guard !self.isScheduled else { return false }
            self.isScheduled = true
            return true
        }

        /// Begins a subscription, before anything that is published later.
        mutating func begin(_ entry: SubscriptionTable.Entry) -> UInt64 {
            self.lastSubscription += 1
            // What is subscribed to after the end would be kept for nobody.
            guard !self.outbox.isClosed else { return self.lastSubscription }
            self.changes.append(.begin(self.lastSubscription, entry))
            self.outbox.send(.subscribe(self.lastSubscription, entry.pattern))
            return self.lastSubscription
        }

        mutating func end(_ subscription: UInt64) {
            guard !self.outbox.isClosed else { return }
            self.changes.append(.end(subscription))
            self.outbox.send(.unsubscribe(subscription))
        }

        /// Learns that there will be no other connection.
        mutating func close() {
            self.outbox.closed()
            self.changes = []
        }
    }

    enum SubscriptionChange {
        case begin(UInt64, SubscriptionTable.Entry)
        case end(UInt64)
    }

    let state: Mutex<State>
    private let lastExchange = Atomic<UInt64>(0)

    init(limits: NATSOutbox.Limits) { self.state = Mutex(State(outbox: NATSOutbox(limits: limits))) }

    /// A number for something that waits for an answer.
    func nextExchange() -> UInt64 { self.lastExchange.wrappingAdd(1, ordering: .relaxed).newValue }
}
