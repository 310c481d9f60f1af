/// Somebody joins a channel or leaves it.
package enum SubscriptionChange<Member: AnyObject> {
    case joined(Subscription<Member>)
    /// The subscription has ended; its channel, its kind and its member are still those that it had.
    case left(Subscription<Member>, ConnectionEnd)
}
