import GRIPEngine
import NIOCore

/// Something that is flushed once for all that was written to it.
protocol FlushQueueMember: AnyObject {
    /// Whether it is in a queue.
    var needsFlush: Bool { get set }

    func flush()
}

/// The connections of an event loop that have something to send.
///
/// They are flushed a few at a time, so that what is published meanwhile can join what still waits: a connection that
/// has several items to get gets them by one system call.
///
/// It is not generic: turns are taken through a protocol, where generic code of a class is not specialized.
final class FlushQueue: TurnTaker {
    /// How many are flushed at a time.
    static var sliceSize: Int { 64 }
    /// After how many slices in a row the loop reads and accepts.
    static var slicesBetweenEvents: Int { TurnOrder<any TurnTaker>.turnsBetweenEvents }

    private let turns: TurnQueue
    private var waiting = CircularBuffer<any FlushQueueMember>()
    /// Whether this waits for a turn.
    private var isWaiting = false
    private var isCollecting = false

    init(turns: TurnQueue) { self.turns = turns }

    /// Adds a member that something was written to, once.
    func add(_ member: any FlushQueueMember) {
        guard !member.needsFlush else { return }
        member.needsFlush = true
        self.waiting.append(member)
        if !self.isCollecting { self.wait() }
    }

    /// Flushes what a closure adds, the first ones right after it.
    func collect<Result>(_ body: () -> Result) -> Result {
        self.isCollecting = true
        let result = body()
        self.isCollecting = false
        if !self.isWaiting, !self.waiting.isEmpty {
            self.turns.noteTurn()
            self.flushSlice()
            if !self.waiting.isEmpty { self.wait() }
        }
        return result
    }

    private func wait() {
        guard !self.isWaiting else { return }
        self.isWaiting = true
        self.turns.add(self)
    }

    func takeTurn() -> Bool {
        self.flushSlice()
        self.isWaiting = !self.waiting.isEmpty
        return self.isWaiting
    }

    private func flushSlice() {
        for _ in 0..<min(Self.sliceSize, self.waiting.count) {
            let member = self.waiting.removeFirst()
            member.needsFlush = false
            member.flush()
        }
    }
}
