import NIOCore
import Synchronization

/// How much publishers have sent that is not with the connections of clients yet.
///
/// Beyond a limit publishers wait for their answers, because they could otherwise send more than is handed out, for as
/// long as there is memory.
final class PublishBacklog: Sendable {
    private let limit: Int
    private let bytes = Atomic<Int>(0)
    private let delays = Atomic<Int>(0)
    private let isOver = Atomic(false)
    private let waiting = Mutex<[EventLoopPromise<Void>]>([])

    /// Makes a backlog with nothing in it.
    ///
    /// - Parameter limit: Up to how many bytes nobody waits.
    init(limit: Int) { self.limit = limit }

    /// About how many bytes there are.
    var byteCount: Int { self.bytes.load(ordering: .sequentiallyConsistent) }

    /// Whether so much more can be added and nobody has to wait.
    func hasRoom(for byteCount: Int = 0) -> Bool { self.byteCount + byteCount <= self.limit }

    /// Whether there is room for items whose publishers cannot be made to wait.
    ///
    /// They may take as much again as those that can, who would otherwise leave them none.
    var hasRoomForBus: Bool { self.byteCount <= (self.limit > Int.max / 2 ? .max : 2 * self.limit) }

    /// How often a publisher had to wait.
    var delayCount: Int { self.delays.load(ordering: .relaxed) }

    func add(_ byteCount: Int) { self.bytes.add(byteCount, ordering: .sequentiallyConsistent) }

    func remove(_ byteCount: Int) {
        let (before, after) = self.bytes.subtract(byteCount, ordering: .sequentiallyConsistent)
        if before > self.limit, after <= self.limit { self.endWaiting() }
    }

    /// When a publisher that has just published may go on, or `nil` when that is now.
    ///
    /// - Parameters:
    ///   - eventLoop: Where the publisher's connection is.
    ///   - isCounted: Whether this is the first time that the publisher waits for these items.
    func room(on eventLoop: any EventLoop, isCounted: Bool = true) -> EventLoopFuture<Void>? {
        guard !self.isOver.load(ordering: .relaxed), !self.hasRoom() else { return nil }
        if isCounted { self.delays.add(1, ordering: .relaxed) }
        let room = eventLoop.makePromise(of: Void.self)
        self.waiting.withLock { $0.append(room) }
        // Whoever has made room meanwhile has not seen this one.
        if self.hasRoom() || self.isOver.load(ordering: .sequentiallyConsistent) { self.endWaiting() }
        return room.futureResult
    }

    /// Lets everybody go on, because nothing is handed out any more.
    func shutDown() {
        self.isOver.store(true, ordering: .sequentiallyConsistent)
        self.endWaiting()
    }

    private func endWaiting() {
        let waiting = self.waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for room in waiting { room.succeed(()) }
    }
}
