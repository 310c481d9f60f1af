import Synchronization

/// What ``GRIPLoopbackBus``es are connected by.
public final class GRIPLoopbackNetwork: Sendable {
    /// The most bytes of a publication, as JSON; a larger one is refused.
    public let maximumBytes: Int
    private let running = Mutex<[GRIPLoopbackBus]>([])

    /// Makes a network without buses.
    ///
    /// - Parameter maximumBytes: The most bytes of a publication, as JSON.
    public init(maximumBytes: Int = 1_048_576) { self.maximumBytes = maximumBytes }

    /// Makes a bus that is connected with the others as long as it runs.
    ///
    /// - Returns: A bus for one proxy.
    public func makeBus() -> GRIPLoopbackBus { GRIPLoopbackBus(self) }

    /// The buses that run.
    var buses: [GRIPLoopbackBus] { self.running.withLock { $0 } }

    func add(_ bus: GRIPLoopbackBus) { self.running.withLock { $0.append(bus) } }

    func remove(_ bus: GRIPLoopbackBus) { self.running.withLock { $0.removeAll { $0 === bus } } }
}
