/// A subscription, to be ended by ``GRIPNATSConnection/unsubscribe(_:)``.
public struct GRIPNATSSubscription: Sendable, Hashable {
    package let id: UInt64
}
