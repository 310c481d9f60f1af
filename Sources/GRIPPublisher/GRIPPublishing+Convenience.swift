public import GRIP

extension GRIPPublishing {
    /// Publishes an item of one format to one or more channels.
    ///
    /// - Parameters:
    ///   - format: What to publish.
    ///   - channel: The channel to publish to.
    ///   - more: More channels to publish the same to.
    ///   - id: The item's id.
    ///   - previousID: The id of the item before it on the channel.
    ///   - sender: Who publishes; subscriptions that skip their own items do not receive it.
    ///   - countingDeliveries: Whether the result is to tell how many connections have got it; see
    ///     ``GRIPPublishResult/deliveries``.
    /// - Throws: ``GRIPPublishError`` when any proxy failed.
    /// - Returns: The outcome of each proxy.
    @discardableResult
    public func publish(
        _ format: GRIPFormat,
        to channel: GRIPChannel,
        _ more: GRIPChannel...,
        id: String? = nil,
        previousID: String? = nil,
        sender: String? = nil,
        countingDeliveries: Bool = false
    ) async throws -> GRIPPublishResult {
        let item = GRIPItem(format, id: id, previousID: previousID, sender: sender)
        let publications = ([channel] + more).map { GRIPPublication(item, to: $0) }
        return try await self.publish(publications, countingDeliveries: countingDeliveries)
    }

    /// Publishes an item to one or more channels.
    ///
    /// - Parameters:
    ///   - item: What to publish.
    ///   - channel: The channel to publish to.
    ///   - more: More channels to publish the same to.
    ///   - countingDeliveries: Whether the result is to tell how many connections have got it; see
    ///     ``GRIPPublishResult/deliveries``.
    /// - Throws: ``GRIPPublishError`` when any proxy failed.
    /// - Returns: The outcome of each proxy.
    @discardableResult
    public func publish(
        _ item: GRIPItem,
        to channel: GRIPChannel,
        _ more: GRIPChannel...,
        countingDeliveries: Bool = false
    ) async throws -> GRIPPublishResult {
        let publications = ([channel] + more).map { GRIPPublication(item, to: $0) }
        return try await self.publish(publications, countingDeliveries: countingDeliveries)
    }

    /// Hands over an item of one format to be published soon.
    ///
    /// - Parameters:
    ///   - format: What to publish.
    ///   - channel: The channel to publish to.
    ///   - more: More channels to publish the same to.
    ///   - id: The item's id.
    ///   - previousID: The id of the item before it on the channel.
    ///   - sender: Who publishes; subscriptions that skip their own items do not receive it.
    /// - Returns: Whether it was taken, for every proxy.
    @discardableResult
    public func enqueue(
        _ format: GRIPFormat,
        to channel: GRIPChannel,
        _ more: GRIPChannel...,
        id: String? = nil,
        previousID: String? = nil,
        sender: String? = nil
    ) -> Bool {
        let item = GRIPItem(format, id: id, previousID: previousID, sender: sender)
        return self.enqueue(([channel] + more).map { GRIPPublication(item, to: $0) })
    }

    /// Hands over an item to be published soon.
    ///
    /// - Parameters:
    ///   - item: What to publish.
    ///   - channel: The channel to publish to.
    ///   - more: More channels to publish the same to.
    /// - Returns: Whether it was taken, for every proxy.
    @discardableResult
    public func enqueue(_ item: GRIPItem, to channel: GRIPChannel, _ more: GRIPChannel...) -> Bool {
        self.enqueue(([channel] + more).map { GRIPPublication(item, to: $0) })
    }
}
