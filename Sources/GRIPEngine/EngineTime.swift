/// A point in time as whoever drives the engine tells it: milliseconds on a clock that never goes back.
///
/// The engine has no clock of its own. It is told the time with each event and answers with the times at which it wants
/// to be woken.
package struct EngineTime: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (lhs: EngineTime, rhs: EngineTime) -> Bool { lhs.milliseconds < rhs.milliseconds }

    /// The earlier of two times, either of which may be none.
    static func earlier(_ lhs: EngineTime?, _ rhs: EngineTime?) -> EngineTime? {
        guard let lhs, let rhs else { return lhs ?? rhs }
        return min(lhs, rhs)
    }

    package static func + (time: EngineTime, duration: Duration) -> EngineTime {
        let (seconds, attoseconds) = duration.components
        return EngineTime(milliseconds: time.milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
