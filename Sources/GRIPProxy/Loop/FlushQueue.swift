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
final class FlushQueue<Member: FlushQueueMember> {
    /// How many are flushed at a time.
    static var sliceSize: Int { 64 }
    /// After how many slices in a row the loop reads and accepts.
    static var slicesBetweenEvents: Int { 4 }

    private let eventLoop: any EventLoop
    private var waiting = CircularBuffer<Member>()
    private var isScheduled = false
    private var isCollecting = false
    private var sliceCount = 0

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Adds a member that something was written to, once.
    func add(_ member: Member) {
        guard !member.needsFlush else { return }
        member.needsFlush = true
        self.waiting.append(member)
        if !self.isScheduled, !self.isCollecting { self.schedule() }
    }

    /// Flushes what a closure adds, the first ones right after it.
    func collect<Result>(_ body: () -> Result) -> Result {
        self.isCollecting = true
        let result = body()
        self.isCollecting = false
        if !self.isScheduled { self.flushSlice() }
        return result
    }

    private func flushSlice() {
        self.isScheduled = false
        for _ in 0..<min(Self.sliceSize, self.waiting.count) {
            let member = self.waiting.removeFirst()
            member.needsFlush = false
            member.flush()
        }
        if self.waiting.isEmpty {
            self.sliceCount = 0
        } else if !self.isScheduled {
            self.schedule()
        }
    }

    private func schedule() {
        self.isScheduled = true
        self.sliceCount &+= 1
        if self.sliceCount % Self.slicesBetweenEvents == 0 {
            // A loop does all its tasks before it looks at sockets again, except those for later.
            _ = self.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(10)) { self.flushSlice() }
        } else {
            self.eventLoop.assumeIsolated().execute { self.flushSlice() }
        }
    }
}
