/// A point in time as whoever drives the engine tells it: milliseconds on a clock that never goes back.
///
/// The engine has no clock of its own. It is told the time with each event and answers with the times at which it wants
/// to be woken.
package struct EngineTime: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (lhs: EngineTime, rhs: EngineTime) -> Bool { lhs.milliseconds < rhs.milliseconds }

    /// The earlier of two times, either of which may be none.
    package static func earlier(_ lhs: EngineTime?, _ rhs: EngineTime?) -> EngineTime? {
        guard let lhs, let rhs else { return lhs ?? rhs }
        return min(lhs, rhs)
    }

    /// A time later; what lies beyond the last time is the last time.
    package static func + (time: EngineTime, duration: Duration) -> EngineTime {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, isTooLate) = time.milliseconds.addingReportingOverflow(whole)
        let (milliseconds, isBarelyTooLate) = sum.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        guard isTooLong || isTooLate || isBarelyTooLate else { return EngineTime(milliseconds: milliseconds) }
        return EngineTime(milliseconds: duration < .zero ? .min : .max)
    }
}
