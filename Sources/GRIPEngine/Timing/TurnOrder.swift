import NIOCore

/// In which order those have their turns that have more to do than may be done at once.
///
/// All have a turn before anybody has a second one, and after some turns in a row the event loop looks at its sockets.
package struct TurnOrder<Member> {
    /// How many turns there are before the loop reads and accepts.
    package static var turnsBetweenEvents: Int { 4 }

    /// What becomes of the next turns.
    package enum Schedule: Sendable, Hashable {
        /// They are being waited for, or there are none.
        case nothing
        /// They follow as soon as possible.
        case soon
        /// They follow when the loop has looked at its sockets.
        case afterEvents
    }

    private var waiting = CircularBuffer<Member>()
    private var isScheduled = false
    /// How many turns there were since the loop has looked at its sockets.
    private var turns = 0

    package init() {}

    package var isEmpty: Bool { self.waiting.isEmpty }

    /// Adds a member that waits for a turn.
    package mutating func add(_ member: Member) { self.waiting.append(member) }

    /// Adds a member that waits for a turn after the loop has looked at its sockets.
    package mutating func addAfterEvents(_ member: Member) {
        self.waiting.append(member)
        self.turns = Self.turnsBetweenEvents
    }

    /// Notes a turn that somebody has had at once.
    package mutating func noteTurn() { self.turns = self.waiting.isEmpty && !self.isScheduled ? 1 : self.turns + 1 }

    /// Says when the next turns are to be had.
    package mutating func schedule() -> Schedule {
        guard !self.isScheduled, !self.waiting.isEmpty else { return .nothing }
        self.isScheduled = true
        return self.turns >= Self.turnsBetweenEvents ? .afterEvents : .soon
    }

    /// Begins the turns that were scheduled.
    ///
    /// - Parameter schedule: When they were to be had.
    package mutating func begin(_ schedule: Schedule) {
        self.isScheduled = false
        if schedule == .afterEvents { self.turns = 0 }
    }

    /// Gives the next member its turn, unless it is the sockets' turn or nobody waits.
    package mutating func next() -> Member? {
        guard self.turns < Self.turnsBetweenEvents, let member = self.waiting.popFirst() else {
            if self.waiting.isEmpty { self.turns = 0 }
            return nil
        }
        self.turns += 1
        return member
    }
}
