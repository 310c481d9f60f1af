import Synchronization

extension GRIPNATSConnection {
    /// Begins a subscription, which lasts until it is ended: without a connection it is remembered, and after a loss it is
    /// begun again.
    ///
    /// - Parameters:
    ///   - pattern: Which subjects it is for.
    ///   - receive: What is called with each message, on the event loop of the connection, in the order in which the server
    ///     has sent them. It must not block.
    /// - Returns: What ends it.
    @discardableResult
    public func subscribe(
        to pattern: GRIPNATSSubjectPattern,
        _ receive: @escaping @Sendable (GRIPNATSMessage) -> Void
    ) -> GRIPNATSSubscription {
        let entry = SubscriptionTable.Entry(pattern: pattern, receive: receive)
        let (id, mustSchedule) = self.shared.state.withLock { ($0.begin(entry), $0.schedule()) }
        if mustSchedule { self.scheduleTick() }
        return GRIPNATSSubscription(id: id)
    }

    /// Ends a subscription; messages that are on their way may still come.
    ///
    /// - Parameter subscription: The subscription; one that has ended already is left alone.
    public func unsubscribe(_ subscription: GRIPNATSSubscription) {
        let mustSchedule = self.shared.state.withLock { state in
            state.end(subscription.id)
            return state.schedule()
        }
        if mustSchedule { self.scheduleTick() }
    }
}
