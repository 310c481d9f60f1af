import Foundation
import GRIP
import GRIPNATS
import Testing

/// Servers that fail while one instance publishes without a pause: whatever the other one loses, it is told of.
///
/// `GRIP_CHAOS_SECONDS` says how long each fault lasts; a second is enough to see that it is noticed.
@Suite("Chaos: the bus", .needsNATS, .serialized, .timeLimit(.minutes(10)))
struct BusChaosTests {
    private static let channels = (0..<10).map { "chaos-\($0)" }

    private static let faultDuration = Duration.seconds(
        ProcessInfo.processInfo.environment["GRIP_CHAOS_SECONDS"].flatMap { Double($0) } ?? 1
    )

    // MARK: Faults

    @Test func theServerIsKilledAndComesBack() async throws {
        try await NATSServerProcess.run { server in
            let verdict = try await self.publish(from: server.url, to: server.url) {
                try await server.kill()
                try await Task.sleep(for: Self.faultDuration)
                try await server.start()
            }
            #expect(verdict.lost + verdict.received < verdict.published, "nothing was refused: \(verdict)")
        }
    }

    @Test func aConnectionIsCut() async throws {
        try await NATSServerProcess.run { server in
            try await Forwarder.run(to: server.port) { way in
                let verdict = try await self.publish(from: server.url, to: "nats://127.0.0.1:\(way.port)") {
                    try await way.cut()
                    try await Task.sleep(for: Self.faultDuration)
                    way.mend()
                }
                #expect(verdict.lost > 0, "nothing was lost: \(verdict)")
            }
        }
    }

    @Test func thePublisherIsBackFirst() async throws {
        try await NATSServerProcess.run { server in
            try await Forwarder.run(to: server.port) { way in
                let verdict = try await self.publish(from: server.url, to: "nats://127.0.0.1:\(way.port)") {
                    try await way.cut()
                    try await server.kill()
                    try await server.start()
                    try await Task.sleep(for: Self.faultDuration)
                    way.mend()
                }
                #expect(verdict.lost > 0, "nothing was lost: \(verdict)")
            }
        }
    }

    @Test func theRouteOfAClusterIsCut() async throws {
        try await NATSServerProcess.runCluster { near, far, route in
            let verdict = try await self.publish(from: near.url, to: far.url) {
                try await route.cut()
                try await Task.sleep(for: Self.faultDuration)
                route.mend()
            }
            #expect(verdict.lost > 0, "nothing was lost: \(verdict)")
        }
    }

    @Test func theRouteOfAClusterIsStalled() async throws {
        try await NATSServerProcess.runCluster { near, far, route in
            try await self.publish(from: near.url, to: far.url) {
                try await route.stall()
                try await Task.sleep(for: Self.faultDuration)
                try await route.resume()
            }
        }
    }

    // MARK: Runs

    /// Publishes through one bus while another one listens and something fails.
    ///
    /// - Returns: What was lost, all of which is covered.
    @discardableResult
    private func publish(
        from publisher: String,
        to subscriber: String,
        while fail: () async throws -> Void
    ) async throws -> ChaosLog.Verdict {
        let log = ChaosLog()
        let listening = try GRIPNATSBus(GRIPNATSConfiguration(url: subscriber), prefix: "chaos")
        let publishing = try GRIPNATSBus(GRIPNATSConfiguration(url: publisher), prefix: "chaos")
        listening.attend(Self.channels)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listening.run(log) }
            group.addTask { try await publishing.run(ChaosLog()) }
            // From the third heartbeat on, the instances know each other.
            try await self.publish(through: publishing, to: log, for: .seconds(3))
            try await self.publishUntilAllArrive(through: publishing, to: log)
            try await withThrowingTaskGroup(of: Void.self) { load in
                load.addTask {
                    while !Task.isCancelled { try await self.publishOnce(through: publishing, to: log) }
                }
                try await fail()
                load.cancelAll()
                while let result = await load.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            try await self.publishUntilAllArrive(through: publishing, to: log)
            // Two heartbeats later, whatever was lost has been noticed.
            try await self.publish(through: publishing, to: log, for: .seconds(3))
            try await self.waitForLast(in: log, through: publishing)
            group.cancelAll()
            try await group.waitForAll()
            let verdict = log.verdict
            #expect(verdict.uncovered.isEmpty, "\(verdict)")
            #expect(verdict.disordered.isEmpty, "\(verdict)")
            #expect(verdict.received > 0)
            return verdict
        }
    }

    /// Publishes an item to each channel, and leaves time for others.
    private func publishOnce(through bus: GRIPNATSBus, to log: ChaosLog) async throws {
        for channel in Self.channels { _ = self.publish(to: channel, through: bus, log) }
        try await Task.sleep(for: .milliseconds(2))
    }

    private func publish(to channel: String, through bus: GRIPNATSBus, _ log: ChaosLog) -> Int {
        let number = log.willPublish(to: channel)
        if bus.publish("\(number)", to: channel) != .taken { log.refused(number, of: channel) }
        return number
    }

    private func publish(through bus: GRIPNATSBus, to log: ChaosLog, for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end { try await self.publishOnce(through: bus, to: log) }
    }

    /// Publishes until an item of each channel has arrived that was published from now on.
    private func publishUntilAllArrive(through bus: GRIPNATSBus, to log: ChaosLog) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        for channel in Self.channels {
            let first = self.publish(to: channel, through: bus, log)
            while !log.hasReceived(first, of: channel) {
                try #require(ContinuousClock.now < deadline, "items of \(channel) no longer arrive")
                try await Task.sleep(for: .milliseconds(20))
                _ = self.publish(to: channel, through: bus, log)
            }
        }
    }

    /// Publishes a last item to each channel, and returns when all of them have arrived.
    private func waitForLast(in log: ChaosLog, through bus: GRIPNATSBus) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        let last = Self.channels.map { ($0, self.publish(to: $0, through: bus, log)) }
        for (channel, number) in last {
            while !log.hasReceived(number, of: channel) {
                try #require(ContinuousClock.now < deadline, "the last item of \(channel) does not arrive")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
