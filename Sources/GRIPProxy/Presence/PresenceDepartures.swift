import GRIP
import Synchronization

/// Departures on their way to the application, of which some may wait.
final class PresenceDepartures: Sendable {
    private let stream: AsyncStream<GRIPDeparture>
    private let source: AsyncStream<GRIPDeparture>.Continuation
    private let isWanted = Atomic(false)
    private let dropped = Atomic(0)

    /// Makes a queue.
    ///
    /// - Parameter limit: How many departures may wait; further ones are dropped.
    init(limit: Int) {
        (self.stream, self.source) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    /// How many were dropped.
    var droppedCount: Int { self.dropped.load(ordering: .relaxed) }

    func add(_ departure: GRIPDeparture) {
        // Without anybody who wants them they would only take memory.
        guard self.isWanted.load(ordering: .relaxed) else { return }
        if case .dropped = self.source.yield(departure) { self.dropped.add(1, ordering: .relaxed) }
    }

    /// Says that somebody will take them, from now on.
    func expect() { self.isWanted.store(true, ordering: .relaxed) }

    /// Hands out one after the other until all has ended.
    func run(_ body: @Sendable (GRIPDeparture) async -> Void) async {
        for await departure in self.stream { await body(departure) }
    }

    /// Hands out what still waits, and ends.
    func finish() { self.source.finish() }
}
