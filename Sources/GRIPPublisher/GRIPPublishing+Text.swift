public import GRIP

// The names of channels that are only known at run time. A literal is a channel, so these are disfavored: they would take
// it otherwise, and throw.
extension GRIPPublishing {
    /// Publishes an item of one format to a channel whose name is made at run time.
    ///
    /// ```swift
    /// try await grip.publish(.webSocketMessage("hello"), to: "room-\(room)")
    /// ```
    ///
    /// - Parameters:
    ///   - format: What to publish.
    ///   - name: The name of the channel.
    ///   - id: The item's id.
    ///   - previousID: The id of the item before it on the channel.
    ///   - sender: Who publishes; subscriptions that skip their own items do not receive it.
    ///   - countingDeliveries: Whether the result is to tell how many connections have got it.
    /// - Throws: `GRIPError` when no channel can have that name; ``GRIPPublishError`` when any proxy failed.
    /// - Returns: The outcome of each proxy.
    @_disfavoredOverload
    @discardableResult
    public func publish(
        _ format: GRIPFormat,
        to name: some StringProtocol,
        id: String? = nil,
        previousID: String? = nil,
        sender: String? = nil,
        countingDeliveries: Bool = false
    ) async throws -> GRIPPublishResult {
        try await self.publish(
            format,
            to: try GRIPChannel(String(name)),
            id: id,
            previousID: previousID,
            sender: sender,
            countingDeliveries: countingDeliveries
        )
    }

    /// Publishes an item to a channel whose name is made at run time.
    ///
    /// - Parameters:
    ///   - item: What to publish.
    ///   - name: The name of the channel.
    ///   - countingDeliveries: Whether the result is to tell how many connections have got it.
    /// - Throws: `GRIPError` when no channel can have that name; ``GRIPPublishError`` when any proxy failed.
    /// - Returns: The outcome of each proxy.
    @_disfavoredOverload
    @discardableResult
    public func publish(
        _ item: GRIPItem,
        to name: some StringProtocol,
        countingDeliveries: Bool = false
    ) async throws -> GRIPPublishResult {
        try await self.publish(item, to: try GRIPChannel(String(name)), countingDeliveries: countingDeliveries)
    }

    /// Hands over an item of one format, for a channel whose name is made at run time, to be published soon.
    ///
    /// - Parameters:
    ///   - format: What to publish.
    ///   - name: The name of the channel.
    ///   - id: The item's id.
    ///   - previousID: The id of the item before it on the channel.
    ///   - sender: Who publishes; subscriptions that skip their own items do not receive it.
    /// - Throws: `GRIPError` when no channel can have that name.
    /// - Returns: Whether it was taken, for every proxy.
    @_disfavoredOverload
    @discardableResult
    public func enqueue(
        _ format: GRIPFormat,
        to name: some StringProtocol,
        id: String? = nil,
        previousID: String? = nil,
        sender: String? = nil
    ) throws(GRIPError) -> Bool {
        self.enqueue(format, to: try GRIPChannel(String(name)), id: id, previousID: previousID, sender: sender)
    }

    /// Hands over an item, for a channel whose name is made at run time, to be published soon.
    ///
    /// - Parameters:
    ///   - item: What to publish.
    ///   - name: The name of the channel.
    /// - Throws: `GRIPError` when no channel can have that name.
    /// - Returns: Whether it was taken, for every proxy.
    @_disfavoredOverload
    @discardableResult
    public func enqueue(_ item: GRIPItem, to name: some StringProtocol) throws(GRIPError) -> Bool {
        self.enqueue(item, to: try GRIPChannel(String(name)))
    }
}
