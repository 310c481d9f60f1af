package import GRIP

/// Why a subscription ends.
package enum SubscriptionEnd: Sendable, Hashable {
    /// Its origin does not want it any more; the connection goes on.
    case unsubscribed
    /// What is held on the connection ends.
    case ended(ConnectionEnd)

    /// Why a member has left that was subscribed.
    package var departureReason: GRIPDepartureReason {
        switch self {
        case .unsubscribed: .closed
        case .ended(let end): end.departureReason
        }
    }

    /// Whether the client may come back: not where it never went.
    package var lingers: Bool { self != .unsubscribed }
}

extension ConnectionEnd {
    fileprivate var departureReason: GRIPDepartureReason {
        switch self {
        case .complete, .clientGone, .originFailed, .refused, .ended: .closed
        case .clientTimedOut, .aged: .timedOut
        case .overflow: .overflow
        case .shutDown: .shutdown
        case .kicked: .kicked
        }
    }
}
