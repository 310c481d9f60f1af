import GRIP
import GRIPNATS

/// A bus over NATS that publishes when the server knows what another instance is interested in.
///
/// An instance tells its server of a new channel while it answers the client; somebody who publishes to another instance
/// at that moment may be first. Tests that hold a client and then publish are not about that.
final class InterestFirstBus: GRIPBus {
    private let bus: GRIPNATSBus
    private let queue: AsyncStream<[GRIPPublication]>
    private let enqueue: AsyncStream<[GRIPPublication]>.Continuation
    private let other: GRIPNATSBus

    /// Makes a bus.
    ///
    /// - Parameters:
    ///   - bus: What carries everything.
    ///   - other: The bus of the instance that holds clients; it runs too.
    init(_ bus: GRIPNATSBus, after other: GRIPNATSBus) {
        self.bus = bus
        self.other = other
        (self.queue, self.enqueue) = AsyncStream.makeStream()
    }

    func run(_ receiver: any GRIPBusReceiver) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.bus.run(receiver) }
            group.addTask {
                for await publications in self.queue {
                    try await self.other.flush()
                    guard self.bus.publish(publications) == .taken else { throw TimedOut("the bus is not connected") }
                }
            }
            try await group.next()
        }
    }

    func attend(_ channels: [String]) { self.bus.attend(channels) }

    func ignore(_ channels: [String]) { self.bus.ignore(channels) }

    func publish(_ publications: [GRIPPublication]) -> GRIPBusAcceptance {
        self.enqueue.yield(publications)
        return .taken
    }
}
