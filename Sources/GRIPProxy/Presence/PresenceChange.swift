import GRIP
import GRIPEngine

/// A connection has become a member of a channel, or is it no more.
struct PresenceChange: Sendable {
    enum Kind: Sendable {
        /// With the time of day, in milliseconds since 1970.
        case joined(GRIPMember, at: Int)
        case left(SubscriptionEnd)
    }

    let channel: String
    let subscriber: SubscriberIdentity
    let kind: Kind
}
