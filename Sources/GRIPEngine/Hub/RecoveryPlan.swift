import GRIP

/// Spreads over time when the subscribers of channels look for items that may have been missed.
///
/// All instances that share a server miss items at the same moment, and all of their origins would be asked at once. Each
/// instance therefore divides the time among its channels, and begins at a random point of it.
package struct RecoveryPlan: Sendable {
    /// Channels whose times differ by less have theirs together.
    package static let step: Int64 = 50

    /// Over how many milliseconds the channels of a gap are spread.
    private let spread: Int64
    private var due = DeadlineQueue<String>()
    private var waiting: Set<UTF8Key> = []
    private var sweep = RecoverySweep()

    /// Makes a plan without channels.
    ///
    /// - Parameter spread: Over what time the channels of a gap are spread.
    package init(spread: Duration) {
        self.spread = max(0, (EngineTime(milliseconds: 0) + spread).milliseconds)
    }

    /// How many channels have not had their time; one that both a gap of its own and one of all channels concerns counts twice.
    package var count: Int { self.waiting.count + self.sweep.count }

    /// When the next channels have their time.
    package var nextDeadline: EngineTime? { .earlier(self.due.next, self.sweep.nextDeadline) }

    /// Gives channels a time, each once: one that waits already keeps its own.
    ///
    /// - Parameters:
    ///   - channels: The channels of a gap.
    ///   - now: The time.
    ///   - random: A number from 0 to 1: at what point of its share of the time each channel has its own.
    package mutating func add(_ channels: some Collection<String>, now: EngineTime, random: Double) {
        let share = Double(self.spread) / Double(max(1, channels.count))
        for (index, channel) in channels.enumerated() where self.waiting.insert(UTF8Key(channel)).inserted {
            let delay = Int64((Double(index) + random) * share)
            let steps = (now.milliseconds + min(self.spread, delay) + Self.step - 1) / Self.step
            self.due.insert(channel, at: EngineTime(milliseconds: max(now.milliseconds, steps * Self.step)))
        }
    }

    /// Gives all channels that there are a time.
    ///
    /// - Parameters:
    ///   - channels: All channels.
    ///   - now: The time.
    ///   - random: A number from 0 to 1, as for ``add(_:now:random:)``.
    package mutating func addAll(_ channels: some Collection<String>, now: EngineTime, random: Double) {
        self.sweep.begin(channels, spread: self.spread, now: now, random: random)
    }

    /// Takes out the channels whose time has come.
    package mutating func wake(at now: EngineTime) -> [String] {
        var channels = self.sweep.wake(at: now)
        while let channel = self.due.popDue(at: now) {
            self.waiting.remove(UTF8Key(channel))
            channels.append(channel)
        }
        return channels
    }
}
