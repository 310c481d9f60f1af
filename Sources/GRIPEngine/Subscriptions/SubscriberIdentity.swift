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

/// What is subscribed to channels and can say who it is.
package protocol Subscriber: AnyObject {
    var identity: SubscriberIdentity { get }
}

extension Subscription where Member: Subscriber {
    /// Who is subscribed, as the origin has it now.
    package var identity: SubscriberIdentity { self.member.identity }
}
