import GRIPEngine
import NIOCore
import Synchronization

/// What is published for the connections of one event loop and is not with them yet.
///
/// The loop takes all of it at once, so that it is not woken for each request of a publisher.
final class DeliveryInbox: Sendable {
    /// Items that were published together.
    struct Parcel: Sendable {
        let deliveries: [Delivery]
        /// About how many bytes they take.
        let byteCount: Int
        /// Where to tell how many connections have got each of them, if somebody wants to know.
        let counts: EventLoopPromise<[CountByKind]>?
    }

    private let parcels = Mutex<[Parcel]>([])

    /// Adds items, from any thread.
    ///
    /// - Returns: Whether nothing else is there, so that the loop is to be told.
    func add(_ parcel: Parcel) -> Bool {
        self.parcels.withLock { parcels in
            parcels.append(parcel)
            return parcels.count == 1
        }
    }

    /// Takes all there is, in order.
    ///
    /// - Parameter all: An empty array, whose room is used for what comes next.
    func take(into all: inout [Parcel]) { self.parcels.withLock { swap(&$0, &all) } }
}
