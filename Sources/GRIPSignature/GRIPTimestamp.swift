#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A point in time as tokens count it: seconds since the beginning of 1970.
public struct GRIPTimestamp: Sendable, Hashable, Comparable {
    /// Seconds since the beginning of 1970, UTC.
    public let secondsSince1970: Int64

    /// Makes a point in time.
    ///
    /// - Parameter secondsSince1970: Seconds since the beginning of 1970, UTC.
    public init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

    /// The present, by the clock of this machine.
    public static var now: GRIPTimestamp {
        GRIPTimestamp(secondsSince1970: Int64(time(nil)))
    }

    /// Whether one point in time is before another.
    ///
    /// - Parameters:
    ///   - lhs: A point in time.
    ///   - rhs: Another.
    /// - Returns: True when the first is before the second.
    public static func < (lhs: GRIPTimestamp, rhs: GRIPTimestamp) -> Bool {
        lhs.secondsSince1970 < rhs.secondsSince1970
    }

    /// The point in time so much later, whole seconds rounded down; beyond all bounds, the bound.
    func advanced(by duration: Duration) -> GRIPTimestamp {
        let (sum, overflow) = self.secondsSince1970.addingReportingOverflow(duration.components.seconds)
        guard overflow else { return GRIPTimestamp(secondsSince1970: sum) }
        return GRIPTimestamp(secondsSince1970: duration < .zero ? .min : .max)
    }
}
