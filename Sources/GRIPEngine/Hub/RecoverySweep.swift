/// Lets all channels look for items that may have been missed, one after the other, over a time.
///
/// It is a list and a place in it: a hundred thousand channels that each got a time would keep publishers waiting for a
/// tenth of a second.
struct RecoverySweep: Sendable {
    private var channels: [String] = []
    /// With which of the channels it begins; after the last comes the first.
    private var offset = 0
    private var doneCount = 0
    /// When it is the turn of the first one, in milliseconds.
    private var start = 0.0
    /// How much later it is the turn of the next one each time.
    private var share = 0.0

    /// How many channels are still to have their turn.
    var count: Int { self.channels.count - self.doneCount }

    /// When it is the turn of the next channel.
    private var next: Int64 {
        // A spread may be as long as there are milliseconds.
        Int64(min(self.start + Double(self.doneCount) * self.share, Double(Int64.max / 2)))
    }

    /// When it is the turn of the next channels, of which those within a step have theirs together.
    var nextDeadline: EngineTime? {
        guard self.count > 0 else { return nil }
        let steps = (self.next + RecoveryPlan.step - 1) / RecoveryPlan.step
        return EngineTime(milliseconds: steps * RecoveryPlan.step)
    }

    /// Begins again with all channels.
    ///
    /// It goes on where it was and when it would have, so that each channel has its turn however many gaps follow each other.
    ///
    /// - Parameters:
    ///   - channels: All channels.
    ///   - spread: Over how many milliseconds they have their turns.
    ///   - now: The time.
    ///   - random: A number from 0 to 1: at what point of its share of the time each channel has its turn.
    mutating func begin(_ channels: some Collection<String>, spread: Int64, now: EngineTime, random: Double) {
        guard !channels.isEmpty else { return }
        let share = Double(spread) / Double(channels.count)
        let first = Double(now.milliseconds) + random * share
        self.start = self.count > 0 ? min(first, Double(self.next)) : first
        self.share = share
        self.offset = (self.offset + self.doneCount) % channels.count
        self.channels = Array(channels)
        self.doneCount = 0
    }

    /// Takes out the channels whose turn has come.
    mutating func wake(at now: EngineTime) -> [String] {
        var due: [String] = []
        while let deadline = self.nextDeadline, deadline <= now {
            // Those that have their turn at the same time need not be looked at one by one.
            repeat {
                due.append(self.channels[(self.offset + self.doneCount) % self.channels.count])
                self.doneCount += 1
            } while self.count > 0 && self.next <= deadline.milliseconds
        }
        if self.count == 0 { self = RecoverySweep(offset: self.offset + self.doneCount) }
        return due
    }

    init(offset: Int = 0) { self.offset = offset }
}
