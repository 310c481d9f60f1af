import GRIP
import Synchronization

/// What publishers have sent to the hub and it has not taken yet.
///
/// The hub takes all of it at once, so that a busy one is not woken for each request.
final class PublishInbox: Sendable {
    /// The items of one request.
    struct Batch: Sendable {
        let publications: [GRIPPublication]
        /// About how many bytes they take.
        let byteCount: Int
        /// Called when they are in order.
        let taken: (@Sendable () -> Void)?
    }

    private let batches = Mutex<[Batch]>([])

    /// Adds items, from any thread.
    ///
    /// - Returns: Whether nothing else is there, so that the hub is to be told.
    func add(_ batch: Batch) -> Bool {
        self.batches.withLock { batches in
            batches.append(batch)
            return batches.count == 1
        }
    }

    /// Takes all there is, in order.
    ///
    /// - Parameter all: An empty array, whose room is used for what comes next.
    func take(into all: inout [Batch]) { self.batches.withLock { swap(&$0, &all) } }
}
