import Synchronization

/// The tokens found right before, up to a number; the oldest goes first.
final class VerifiedTokenCache: Sendable {
    private struct State {
        var verified: [String: VerifiedSignature] = [:]
        /// A ring of the tokens by age.
        var order: [String] = []
        var oldest = 0
        var missCount = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = max(0, capacity) }

    subscript(_ token: String) -> VerifiedSignature? {
        guard self.capacity > 0 else { return nil }
        return self.state.withLock { $0.verified[token] }
    }

    func insert(_ token: String, _ verified: VerifiedSignature) {
        guard self.capacity > 0 else { return }
        self.state.withLock { state in
            guard state.verified.updateValue(verified, forKey: token) == nil else { return }
            if state.order.count < self.capacity {
                state.order.append(token)
            } else {
                state.verified[state.order[state.oldest]] = nil
                state.order[state.oldest] = token
                state.oldest = (state.oldest + 1) % self.capacity
            }
        }
    }

    func countMiss() { self.state.withLock { $0.missCount += 1 } }

    var missCount: Int { self.state.withLock { $0.missCount } }
}
