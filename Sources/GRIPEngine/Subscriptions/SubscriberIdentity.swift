/// Who is subscribed to a channel.
package struct SubscriberIdentity: Sendable, Hashable {
    /// The id of the connection, as the control API has it.
    package let connection: UInt64
    /// What the origin has said about the connection, which filters use too.
    package let meta: [String: String]

    package init(connection: UInt64, meta: [String: String]) {
        self.connection = connection
        self.meta = meta
    }
}
