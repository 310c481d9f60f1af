import Synchronization

/// Collects what comes, and lets tests wait for as much as they need.
final class Recorder<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiters: [(isDone: @Sendable ([Element]) -> Bool, CheckedContinuation<[Element], any Error>)] = []
    }

    struct TimedOut: Error, CustomStringConvertible {
        var description: String
    }

    private let state = Mutex(State())

    var elements: [Element] { self.state.withLock { $0.elements } }

    func record(_ element: Element) {
        let done = self.state.withLock { state in
            state.elements.append(element)
            let elements = state.elements
            var done: [CheckedContinuation<[Element], any Error>] = []
            state.waiters.removeAll { waiter in
                guard waiter.isDone(elements) else { return false }
                done.append(waiter.1)
                return true
            }
            return done.map { ($0, elements) }
        }
        for (continuation, elements) in done { continuation.resume(returning: elements) }
    }

    /// Everything, as soon as it is what a test waits for.
    func wait(
        within limit: Duration = .seconds(30),
        until isDone: @escaping @Sendable ([Element]) -> Bool
    ) async throws -> [Element] {
        try await withThrowingTaskGroup(of: [Element]?.self) { group in
            group.addTask {
                try await withCheckedThrowingContinuation { continuation in
                    let elements = self.state.withLock { state -> [Element]? in
                        if isDone(state.elements) { return state.elements }
                        state.waiters.append((isDone, continuation))
                        return nil
                    }
                    if let elements { continuation.resume(returning: elements) }
                }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            if let elements = try await group.next() ?? nil { return elements }
            let error = TimedOut(
                description: "not within \(limit); there are \(self.elements.count): \(self.elements.suffix(5))"
            )
            let waiters = self.state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.1.resume(throwing: error) }
            throw error
        }
    }
}

extension Recorder where Element: Equatable {
    func wait(for element: Element, within limit: Duration = .seconds(30)) async throws where Element: Sendable {
        _ = try await self.wait(within: limit) { $0.contains(element) }
    }
}
