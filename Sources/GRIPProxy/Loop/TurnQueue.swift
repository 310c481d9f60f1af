import GRIPEngine
import NIOCore

/// Something that may have more to do than may be done at once.
protocol TurnTaker: AnyObject {
    /// Does a part of what there is to do, for a fraction of a millisecond.
    ///
    /// - Returns: Whether there is more.
    func takeTurn() -> Bool
}

/// Those of an event loop that wait for a turn, because they had one and have more to do.
///
/// An event loop does all its tasks before it looks at its sockets again. Work that one event makes for thousands of
/// connections is done in turns, with those of others and the sockets of all in between. There is one queue for all kinds
/// of work: two that took turns with each other would leave none to the sockets.
final class TurnQueue {
    private let eventLoop: any EventLoop
    private var order = TurnOrder<any TurnTaker>()

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Adds somebody who waits for a turn and is not in the queue.
    func add(_ member: any TurnTaker) {
        self.order.add(member)
        self.schedule()
    }

    /// Adds somebody whose turn is not before the loop has looked at its sockets.
    ///
    /// That is for work that goes on outside of turns, by tasks.
    func addAfterEvents(_ member: any TurnTaker) {
        self.order.addAfterEvents(member)
        self.schedule()
    }

    /// Notes that somebody had a turn without having waited for it.
    func noteTurn() { self.order.noteTurn() }

    private func schedule() {
        let schedule = self.order.schedule()
        switch schedule {
        case .nothing: break
        case .soon: self.eventLoop.assumeIsolated().execute { self.run(schedule) }
        case .afterEvents:
            // A task for later is not done before the loop has looked at its sockets.
            _ = self.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(10)) { self.run(schedule) }
        }
    }

    private func run(_ schedule: TurnOrder<any TurnTaker>.Schedule) {
        self.order.begin(schedule)
        while let member = self.order.next() {
            if member.takeTurn() { self.order.add(member) }
        }
        self.schedule()
    }
}
