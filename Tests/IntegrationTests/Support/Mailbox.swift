import Synchronization

/// Thrown when something awaited did not happen in time.
struct TimedOut: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A queue between whoever produces elements (a channel handler, a reading task) and the one test that takes them.
///
/// Unlike an `AsyncStream`, giving up on a wait loses neither the stream nor an element, so that a test can say
/// "nothing arrives for now" and read on.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiter: CheckedContinuation<Element?, any Error>?
        var ending: Result<Void, any Error>?
    }

    private let state = Mutex(State())

    func put(_ element: Element) {
        let waiter = state.withLock { state -> CheckedContinuation<Element?, any Error>? in
            guard state.ending == nil else { return nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            state.elements.append(element)
            return nil
        }
        waiter?.resume(returning: element)
    }

    /// Ends the queue; what was put before can still be taken.
    func finish(throwing error: (any Error)? = nil) {
        let waiter = state.withLock { state -> CheckedContinuation<Element?, any Error>? in
            guard state.ending == nil else { return nil }
            state.ending = error.map { .failure($0) } ?? .success(())
            defer { state.waiter = nil }
            return state.waiter
        }
        if let error {
            waiter?.resume(throwing: error)
        } else {
            waiter?.resume(returning: nil)
        }
    }

    /// The next element, or nil at the end of the queue; throws ``TimedOut`` after `limit`.
    func next(within limit: Duration) async throws -> Element? {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do {
                    return .taken(try await self.take())
                } catch is CancellationError {
                    return .gaveUp
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)  // only ever cancelled, and then its outcome is not wanted
                return .gaveUp
            }
            defer { group.cancelAll() }
            if case .taken(let element) = try await group.next() { return element }
            group.cancelAll()
            // The element may have been handed over in the very moment the time ran out.
            if case .taken(let element) = try await group.next() { return element }
            try Task.checkCancellation()
            throw TimedOut("nothing arrived within \(limit)")
        }
    }

    private enum Outcome: Sendable {
        case taken(Element?)
        case gaveUp
    }

    private func take() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate = state.withLock { state -> Result<Element?, any Error>? in
                    precondition(state.waiter == nil, "a mailbox has one reader at a time")
                    if !state.elements.isEmpty { return .success(state.elements.removeFirst()) }
                    if let ending = state.ending { return ending.map { nil } }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiter = continuation
                    return nil
                }
                if let immediate { continuation.resume(with: immediate) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
