/// What a new subscriber needs before the next item of its channels.
package enum CatchUp: Sendable, Hashable {
    /// Nothing: its origin has looked after the last item that is known.
    case inOrder
    /// Items have been published since its origin looked, which is to be asked again.
    case ask
    /// These items have been published since its origin looked, in this order.
    case items([Delivery])
}
