import GRIP
import NIOCore
import Synchronization

/// Adds up what a control API says of deliveries, batch by batch.
final class DeliveryCount: Sendable {
    /// How much of an answer is read; a longer one does not tell.
    static let maximumBytes = ControlExchange.readBytes

    private let state = Mutex<Int?>(0)

    /// The sum, or `nil` where an answer did not tell.
    var total: Int? { self.state.withLock { $0 } }

    /// Learns of an answer that says that a batch was accepted.
    func add(_ answer: ByteBuffer) {
        let deliveries = Self.deliveries(in: answer)
        self.state.withLock { sum in
            guard let known = sum, let deliveries else {
                sum = nil
                return
            }
            sum = known + deliveries
        }
    }

    private static func deliveries(in answer: ByteBuffer) -> Int? {
        // Pushpin answers with a line of text, which is no JSON and tells nothing.
        guard let items = (try? JSONValue(parsing: answer))?["items"]?.array else { return nil }
        var sum = 0
        for item in items {
            guard let counts = item["deliveries"]?.object else { return nil }
            for member in counts.members {
                guard case .integer(let count) = member.value else { return nil }
                sum += count
            }
        }
        return sum
    }
}
