import GRIP
import NIOCore
import Synchronization

/// One run of a scenario, and what it needs: buses that run, and receivers that can be waited for.
struct BusScenarioRun: Sendable {
    let scenario: String
    let patience: Duration
    let makeBus: @Sendable () async throws -> any GRIPBus

    func failure(expected: String, observed: String) -> GRIPConformanceFailure {
        GRIPConformanceFailure(scenario: self.scenario, expected: expected, observed: observed)
    }

    /// Throws unless something is so.
    func expect(_ isTrue: Bool, _ expected: String, observed: @autoclosure () -> String) throws {
        guard isTrue else { throw self.failure(expected: expected, observed: observed()) }
    }

    /// Runs some buses while a closure runs.
    func withPeers(_ count: Int, _ body: ([BusPeer]) async throws -> Void) async throws {
        var peers: [BusPeer] = []
        for _ in 0..<count { peers.append(BusPeer(try await self.makeBus(), self)) }
        try await withThrowingDiscardingTaskGroup { group in
            for peer in peers { group.addTask { try await peer.bus.run(peer) } }
            defer { group.cancelAll() }
            for peer in peers { try await peer.wait("to be connected") { $0.states.last?.isConnected == true } }
            try await body(peers)
        }
    }

    /// Waits until something is so.
    func wait(_ what: String, observed: () -> String, until isDone: () -> Bool) async throws {
        let end = ContinuousClock.now + self.patience
        while !isDone() {
            guard ContinuousClock.now < end else { throw self.failure(expected: what, observed: observed()) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

/// A bus in a scenario and what it has told.
final class BusPeer: GRIPBusReceiver {
    struct Heard: Sendable {
        var publications: [GRIPPublication] = []
        var gaps: [GRIPBusGap] = []
        var states: [GRIPBusState] = []

        func texts(of channel: String) -> [String] {
            self.publications.filter { $0.channel.name.utf8.elementsEqual(channel.utf8) }.compactMap(\.text)
        }
    }

    let bus: any GRIPBus
    private let run: BusScenarioRun
    private let state = Mutex(Heard())
    private let end = Mutex<Result<Void, any Error>?>(nil)

    init(_ bus: any GRIPBus, _ run: BusScenarioRun) {
        self.bus = bus
        self.run = run
    }

    var heard: Heard { self.state.withLock { $0 } }

    /// How the run of ``start()`` ended; `nil` while it goes on.
    var outcome: Result<Void, any Error>? { self.end.withLock { $0 } }

    func receive(_ publications: [GRIPPublication]) { self.state.withLock { $0.publications += publications } }

    func missed(_ gap: GRIPBusGap) { self.state.withLock { $0.gaps.append(gap) } }

    func stateChanged(_ state: GRIPBusState) { self.state.withLock { $0.states.append(state) } }

    func forget() { self.state.withLock { $0 = Heard(states: $0.states) } }

    // MARK: Steps

    /// Runs the bus in a task that a scenario need not wait for: one that does not end would keep it for ever.
    func start() -> Task<Void, Never> {
        Task {
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await self.bus.run(self)) } catch { outcome = .failure(error) }
            self.end.withLock { $0 = outcome }
        }
    }

    /// Waits until it has heard something.
    func wait(_ what: String, until isDone: (Heard) -> Bool) async throws {
        try await self.run.wait(what, observed: { self.summary }, until: { isDone(self.heard) })
    }

    private var summary: String {
        let heard = self.heard
        let texts = heard.publications.suffix(5).map { "\($0.channel.name): \($0.text?.prefix(40) ?? "?")" }
        return "\(heard.publications.count) publications \(texts), gaps \(heard.gaps), states \(heard.states)"
    }

    /// Publishes a text, which the bus must take.
    func publish(_ text: String, to channel: String) throws {
        try self.publish([GRIPPublication(text: text, to: channel)])
    }

    /// Publishes, which the bus must do.
    func publish(_ publications: [GRIPPublication]) throws {
        let acceptance = self.bus.publish(publications)
        try self.run.expect(acceptance == .taken, "what is published to be taken", observed: "\(acceptance)")
    }

    /// Attends channels, and waits until what another publishes to them arrives.
    func attend(_ channels: [String], from publisher: BusPeer) async throws {
        self.bus.attend(channels)
        guard let last = channels.last else { return }
        let end = ContinuousClock.now + self.run.patience
        for number in 0... {
            try publisher.publish("probe \(number)", to: last)
            for _ in 0..<25 {
                if self.heard.texts(of: last).contains(where: { $0.hasPrefix("probe") }) {
                    try await self.settle(last, publisher, number)
                    return self.forget()
                }
                try await Task.sleep(for: .milliseconds(2))
            }
            try self.run.expect(
                ContinuousClock.now < end,
                "publications to arrive on a channel that is attended",
                observed: self.summary
            )
        }
    }

    /// Waits for what was published last, so that nothing of it comes later.
    private func settle(_ channel: String, _ publisher: BusPeer, _ number: Int) async throws {
        try publisher.publish("settled", to: channel)
        try await self.wait("the last probe to arrive") { $0.texts(of: channel).last == "settled" }
    }
}

extension GRIPPublication {
    /// A publication of a text to a channel of any name.
    init(text: String, to channel: String, id: String? = nil) {
        self.init(GRIPItem(.httpStream(text), id: id), to: GRIPChannel(unchecked: channel))
    }

    /// The text of a stream's format.
    var text: String? {
        guard case .send(let content)? = self.item.httpStream?.action else { return nil }
        return String(buffer: content.bytes)
    }
}
