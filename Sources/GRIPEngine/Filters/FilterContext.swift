/// What filters know about an item and the client it is for.
package struct FilterContext {
    /// What the client's instruction or connection has as meta.
    package var subscriptionMeta: [String: String]
    /// What the item has as meta.
    package var publicationMeta: [String: String]
    /// The id that the client has on each channel, by the channel's name without the route's prefix.
    package var channelIDs: [String: String]
    /// Whether the client is subscribed to a channel, by its name without the route's prefix.
    package var isSubscribed: (String) -> Bool

    package init(
        subscriptionMeta: [String: String] = [:],
        publicationMeta: [String: String] = [:],
        channelIDs: [String: String] = [:],
        isSubscribed: @escaping (String) -> Bool = { _ in false }
    ) {
        self.subscriptionMeta = subscriptionMeta
        self.publicationMeta = publicationMeta
        self.channelIDs = channelIDs
        self.isSubscribed = isSubscribed
    }
}
