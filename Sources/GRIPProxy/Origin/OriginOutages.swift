import GRIPEngine
import Synchronization

/// Which origins cannot be reached, as all event loops have found out, so that it is said once and not by each of them.
final class OriginOutages: Sendable {
    private let health = Mutex(OriginHealth())
    /// Whether there is any; otherwise a connection that succeeds takes no lock.
    private let hasAny = Atomic(false)

    /// Learns that no connection to a server could be made.
    ///
    /// - Returns: What operators are to know.
    func failed(_ server: OriginServer, _ reason: String) -> OriginHealth.Note? {
        self.health.withLock { health in
            defer { self.hasAny.store(health.hasOutages, ordering: .relaxed) }
            return health.failed(server, reason, now: ProxyClock.now)
        }
    }

    /// Learns that a connection to a server could be made.
    ///
    /// - Returns: What operators are to know.
    func succeeded(_ server: OriginServer) -> OriginHealth.Note? {
        guard self.hasAny.load(ordering: .relaxed) else { return nil }
        return self.health.withLock { health in
            defer { self.hasAny.store(health.hasOutages, ordering: .relaxed) }
            return health.succeeded(server, now: ProxyClock.now)
        }
    }
}
