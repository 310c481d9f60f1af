/// Which servers cannot be reached, so that it is said when that begins and when it is over, and not with each request.
package struct OriginHealth: Sendable {
    private struct Outage: Sendable {
        let since: EngineTime
        var failureCount = 1
        var lastSaid: EngineTime
    }

    /// What operators are to know.
    package enum Note: Sendable, Hashable {
        /// The first failure.
        case down(String)
        /// It goes on.
        case stillDown(String, failureCount: Int)
        /// The server can be reached again.
        case up(failureCount: Int, after: Duration)
    }

    /// How often it is said of a server that it cannot be reached.
    package static let interval: Duration = .seconds(60)
    /// Of more servers at a time nothing is said.
    package static let limit = 1000

    private var outages: [OriginServer: Outage] = [:]

    package init() {}

    /// Whether any server is known not to be reached; without one there is nothing to be told.
    package var hasOutages: Bool { !self.outages.isEmpty }

    /// Learns that no connection could be made.
    package mutating func failed(_ server: OriginServer, _ reason: String, now: EngineTime) -> Note? {
        guard var outage = self.outages[server] else {
            guard self.outages.count < Self.limit else { return nil }
            self.outages[server] = Outage(since: now, lastSaid: now)
            return .down(reason)
        }
        outage.failureCount += 1
        let says = now >= outage.lastSaid + Self.interval
        if says { outage.lastSaid = now }
        self.outages[server] = outage
        return says ? .stillDown(reason, failureCount: outage.failureCount) : nil
    }

    /// Learns that a connection could be made.
    package mutating func succeeded(_ server: OriginServer, now: EngineTime) -> Note? {
        guard !self.outages.isEmpty, let outage = self.outages.removeValue(forKey: server) else { return nil }
        let time = Duration.milliseconds(now.milliseconds - outage.since.milliseconds)
        return .up(failureCount: outage.failureCount, after: time)
    }
}
