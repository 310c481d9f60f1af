import Synchronization

/// Decides which of many equal log lines are written, where anybody can cause them: so many in an interval, and then how
/// many were left out.
final class LinePace: Sendable {
    private struct State {
        var end: ContinuousClock.Instant?
        var written = 0
        var leftOut = 0
    }

    private let lines: Int
    private let interval: Duration
    private let state = Mutex(State())

    init(lines: Int = 10, interval: Duration = .seconds(10)) {
        self.lines = lines
        self.interval = interval
    }

    /// Decides about a line.
    ///
    /// - Parameter now: The time, which never goes back.
    /// - Returns: How many lines before this one were left out, or `nil` where it is left out too.
    func next(at now: ContinuousClock.Instant = .now) -> Int? {
        self.state.withLock { state in
            if let end = state.end, now < end {
                guard state.written < self.lines else {
                    state.leftOut += 1
                    return nil
                }
                state.written += 1
                return 0
            }
            defer { state = State(end: now + self.interval, written: 1) }
            return state.leftOut
        }
    }
}
