import NIOCore
import NIOPosix
import Synchronization

/// A value that several tasks change, and that others wait for to become what they need.
final class Watched<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var value: Value
        var revision = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private enum Look<Found: Sendable>: Sendable {
        case found(Found)
        case missing(revision: Int)
    }

    private let state: Mutex<State>

    init(_ value: Value) { self.state = Mutex(State(value: value)) }

    var value: Value { self.state.withLock { $0.value } }

    /// Changes the value and lets everybody who waits look at it again.
    func change<Outcome: Sendable>(_ body: @Sendable (inout Value) -> Outcome) -> Outcome {
        let (outcome, waiters) = self.state.withLock { state in
            let outcome = body(&state.value)
            state.revision += 1
            let waiters = state.waiters
            state.waiters = [:]
            return (outcome, waiters)
        }
        for waiter in waiters.values { waiter.resume() }
        return outcome
    }

    /// Looks at the value now and after every change, until something is found in it.
    ///
    /// What looks may also take from the value.
    ///
    /// - Returns: What was found, or nothing where the time is over first.
    func first<Found: Sendable>(
        within limit: Duration,
        _ look: @Sendable (inout Value) throws -> Found?
    ) async throws -> Found? {
        let deadline = ContinuousClock.now + limit
        while true {
            let outcome: Look<Found> = try self.state.withLock { state in
                if let found = try look(&state.value) { return .found(found) }
                return .missing(revision: state.revision)
            }
            switch outcome {
            case .found(let found): return found
            case .missing(let revision):
                let left = deadline - .now
                guard left > .zero else { return nil }
                await self.waitForChange(since: revision, atMost: left)
                try Task.checkCancellation()
            }
        }
    }

    private func waitForChange(since revision: Int, atMost limit: Duration) async {
        let number = self.state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: TimeAmount(limit)) {
            self.wake(number)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = self.state.withLock { state in
                    guard state.revision == revision, !Task.isCancelled else { return false }
                    state.waiters[number] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            self.wake(number)
        }
        timer.cancel()
    }

    private func wake(_ number: Int) {
        self.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
}
