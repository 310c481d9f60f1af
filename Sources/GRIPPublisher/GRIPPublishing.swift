public import GRIP

/// What publishes: a client of control APIs, a proxy in the same process, or a recorder in tests.
///
/// Handlers take `any GRIPPublishing` and never learn which it is. What they call is mostly one of the conveniences:
///
/// ```swift
/// try await grip.publish(.httpStream("\(data)\n"), to: "test")
/// ```
public protocol GRIPPublishing: Sendable {
    /// Publishes, and returns when every proxy has answered.
    ///
    /// A proxy that accepts a publication does not say whether anybody received it; see
    /// ``publish(_:countingDeliveries:)``.
    ///
    /// - Parameter publications: What to publish. Each proxy receives it in this order.
    /// - Throws: ``GRIPPublishError`` when any proxy failed; the others have been published to all the same.
    /// - Returns: The outcome of each proxy.
    @discardableResult
    func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult

    /// Publishes, and counts the connections that have got something where the proxies tell.
    ///
    /// Counting takes longer: a proxy answers when it has handed out what was published. Publishers that cannot count
    /// do what ``publish(_:)`` does.
    ///
    /// - Parameters:
    ///   - publications: What to publish. Each proxy receives it in this order.
    ///   - countingDeliveries: Whether to count; see ``GRIPPublishResult/deliveries``.
    /// - Throws: ``GRIPPublishError`` when any proxy failed; the others have been published to all the same.
    /// - Returns: The outcome of each proxy.
    @discardableResult
    func publish(_ publications: [GRIPPublication], countingDeliveries: Bool) async throws -> GRIPPublishResult

    /// Hands publications over to be published soon, and returns at once.
    ///
    /// What is enqueued is published in order; what is published directly may overtake it. Failures are logged and
    /// counted, because nobody is there to catch them.
    ///
    /// - Parameter publications: What to publish; it is taken as a whole or not at all.
    /// - Returns: Whether all of it was taken, for every proxy.
    @discardableResult
    func enqueue(_ publications: [GRIPPublication]) -> Bool
}

extension GRIPPublishing {
    /// Publishes without counting.
    ///
    /// - Parameters:
    ///   - publications: What to publish. Each proxy receives it in this order.
    ///   - countingDeliveries: Ignored.
    /// - Throws: What ``publish(_:)`` throws.
    /// - Returns: What ``publish(_:)`` returns.
    @discardableResult
    public func publish(
        _ publications: [GRIPPublication],
        countingDeliveries: Bool
    ) async throws -> GRIPPublishResult {
        try await self.publish(publications)
    }
}
