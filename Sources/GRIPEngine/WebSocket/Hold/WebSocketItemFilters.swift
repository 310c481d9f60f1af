package import GRIP
package import NIOCore

/// The filters of a WebSocket's channels.
///
/// Most channels have none.
package struct WebSocketItemFilters: Sendable {
    /// What is left of an item.
    package enum Outcome: Sendable, Hashable {
        /// It is delivered as it was published.
        case unchanged
        /// It is delivered with another content.
        case replaced(ByteBuffer)
        /// It is not for this client.
        case dropped
        /// A filter could not be applied, so it is not delivered.
        case failed(String)
    }

    private var chains: [(channel: String, chain: FilterChain)] = []

    package init() {}

    /// Notes the filters of a channel in place of those before.
    package mutating func set(_ filters: [GRIPFilter], for channel: String) {
        self.remove(channel)
        let chain = FilterChain(filters)
        if !chain.isEmpty { self.chains.append((channel, chain)) }
    }

    package mutating func remove(_ channel: String) {
        self.chains.removeAll { $0.channel.utf8.elementsEqual(channel.utf8) }
    }

    /// Filters an item.
    ///
    /// - Parameters:
    ///   - delivery: The item.
    ///   - hold: The WebSocket that it is for.
    package func apply(to delivery: Delivery, for hold: WebSocketHold) -> Outcome {
        let contentFilters = delivery.webSocket?.contentFilters
        guard let chain = self.chains.first(where: { $0.channel.utf8.elementsEqual(delivery.channel.utf8) })?.chain
        else {
            return contentFilters?.isEmpty ?? true ? .unchanged : .dropped
        }
        guard chain.matches(contentFilters: contentFilters) else { return .dropped }
        let context = FilterContext(
            subscriptionMeta: hold.meta,
            publicationMeta: delivery.item.meta,
            isSubscribed: { hold.isSubscribed(to: $0) }
        )
        switch chain.apply(to: delivery.webSocketContent, context: context) {
        case .unchanged: return .unchanged
        case .replaced(let content):
            // Filters say for whom an item is, also one that closes; what it says is not theirs to change.
            guard case .send = delivery.webSocket?.action else { return .unchanged }
            return .replaced(content)
        case .dropped: return .dropped
        case .failed(let reason): return .failed(reason)
        }
    }
}
