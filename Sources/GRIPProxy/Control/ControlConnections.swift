import GRIPEngine
import HTTPTypes
import NIOCore
import Synchronization

/// The connections of publishers, on whatever event loops they are.
final class ControlConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var counters = ProxyCounters()
        var isShuttingDown = false
    }

    private let state = Mutex(State())
    /// Answers that items are taken; all others are counted with the state.
    private let okCount = Atomic<Int>(0)
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    /// How many there are.
    var count: Int { self.state.withLock { $0.channels.count } }

    var counters: ProxyCounters {
        var counters = self.state.withLock { $0.counters }
        let okCount = self.okCount.load(ordering: .relaxed)
        if okCount > 0 { counters.controlResponses[HTTPResponse.Status.ok.code, default: 0] += okCount }
        return counters
    }

    /// Takes a new connection, if there is room for it.
    func add(_ channel: any Channel) -> Bool {
        self.state.withLock { state in
            guard !state.isShuttingDown, state.channels.count < self.maximum else {
                state.counters.controlRefusals[.connections, default: 0] += 1
                return false
            }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func remove(_ channel: any Channel) { self.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil } }

    func count(_ response: ControlResponse) {
        self.state.withLock { state in
            state.counters.controlResponses[response.head.status.code, default: 0] += 1
            if let refusal = response.refusal { state.counters.controlRefusals[refusal, default: 0] += 1 }
        }
    }

    /// Counts an answer that items are taken.
    func countOK() { self.okCount.add(1, ordering: .relaxed) }

    /// Counts a connection that was ended for taking too long, or because nobody used it.
    func count(_ reason: ControlResponse.Refusal) {
        self.state.withLock { $0.counters.controlRefusals[reason, default: 0] += 1 }
    }

    /// Ends connections when their requests are answered; takes no more.
    func beginShutdown() {
        for channel in self.all(isShuttingDown: true) {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Ends all connections.
    func finishShutdown() {
        for channel in self.all(isShuttingDown: true) { channel.close(promise: nil) }
    }

    private func all(isShuttingDown: Bool) -> [any Channel] {
        self.state.withLock { state in
            state.isShuttingDown = isShuttingDown
            return Array(state.channels.values)
        }
    }
}
