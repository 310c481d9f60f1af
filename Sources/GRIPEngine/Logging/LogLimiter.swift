/// Decides which of many equal log lines are written.
///
/// The first lines of a key in an interval are written, the others are counted. The count comes with the key's next line
/// or, when there is none, from ``takeLeftOut(at:)``.
package struct LogLimiter<Key: Hashable & Sendable>: Sendable {
    /// How many lines are written.
    package struct Rate: Sendable, Hashable {
        /// Lines of one key in an interval.
        package var lines = 10
        package var interval = Duration.seconds(10)
        /// Keys that are told apart at a time; all further ones share what a single one may write.
        package var keys = 256

        package init() {}
    }

    /// What becomes of a line.
    package enum Decision: Sendable, Hashable {
        /// It is written, and says how many lines before it were not.
        case write(leftOut: Int)
        case leaveOut
    }

    /// How many lines were not written.
    package struct LeftOut: Sendable, Hashable {
        /// The key, or `nil` for those that came when there were too many keys.
        package var key: Key?
        package var count: Int

        package init(key: Key?, count: Int) {
            self.key = key
            self.count = count
        }
    }

    private struct Window {
        var end: EngineTime
        var written = 0
        var leftOut = 0
    }

    private let rate: Rate
    private var windows: [Key: Window] = [:]
    private var overflow: Window?
    /// Before that time no window can have ended.
    private var nextCleaning: EngineTime?

    package init(_ rate: Rate = Rate()) { self.rate = rate }

    /// Decides about a line.
    ///
    /// - Parameters:
    ///   - key: What makes lines equal.
    ///   - now: The time, which never goes back.
    package mutating func decide(_ key: Key, at now: EngineTime) -> Decision {
        if self.windows[key] == nil, self.windows.count >= self.rate.keys {
            self.removeEnded(at: now)
            if self.windows.count >= self.rate.keys { return Self.decide(&self.overflow, self.rate, at: now) }
        }
        return Self.decide(&self.windows[key], self.rate, at: now)
    }

    /// Takes the counts of lines that were left out in intervals that are over.
    package mutating func takeLeftOut(at now: EngineTime) -> [LeftOut] {
        var result: [LeftOut] = []
        if let overflow, overflow.end <= now {
            if overflow.leftOut > 0 { result.append(LeftOut(key: nil, count: overflow.leftOut)) }
            self.overflow = nil
        }
        for (key, window) in self.windows where window.end <= now {
            if window.leftOut > 0 { result.append(LeftOut(key: key, count: window.leftOut)) }
            self.windows[key] = nil
        }
        return result
    }

    private static func decide(_ window: inout Window?, _ rate: Rate, at now: EngineTime) -> Decision {
        var current = window ?? Window(end: now + rate.interval)
        defer { window = current }
        if current.end <= now {
            let leftOut = current.leftOut
            current = Window(end: now + rate.interval, written: 1)
            return .write(leftOut: leftOut)
        }
        guard current.written < rate.lines else {
            current.leftOut += 1
            return .leaveOut
        }
        current.written += 1
        return .write(leftOut: 0)
    }

    /// Makes room, when there may be some: a full table must not be searched for each line.
    private mutating func removeEnded(at now: EngineTime) {
        if let nextCleaning, now < nextCleaning { return }
        for (key, window) in self.windows where window.end <= now && window.leftOut == 0 { self.windows[key] = nil }
        self.nextCleaning = self.windows.values.map(\.end).min().map { max($0, now + .milliseconds(1)) }
    }
}
