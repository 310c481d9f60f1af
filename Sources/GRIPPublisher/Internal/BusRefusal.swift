import GRIP
import Synchronization

/// Why a proxy's bus did not take all of a publish: the first reason that an answer has named.
final class BusRefusal: Sendable {
    private let state = Mutex<GRIPBusAcceptance.Refusal?>(nil)

    /// The reason, or `nil` where no answer has named one.
    var reason: GRIPBusAcceptance.Refusal? { self.state.withLock { $0 } }

    /// Learns what an answer says.
    func note(_ reason: GRIPBusAcceptance.Refusal?) { self.state.withLock { $0 = $0 ?? reason } }
}
