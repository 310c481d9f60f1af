import GRIPEngine
import HTTPTypes
import NIOCore
import Synchronization

/// The connections of publishers, on whatever event loops they are.
final class ControlConnections: Sendable {
    private struct State {
        var admission: ControlAdmission
        var channels: [ControlAdmission.ID: any Channel] = [:]
        var counters = ProxyCounters()
        var isShuttingDown = false
        /// Connections whose answers go on.
        var streams = 0
    }

    private let state: Mutex<State>
    /// Those whose answers go on are no more than that, so that others have room.
    private let maximumStreams: Int
    /// Answers that items are taken; all others are counted with the state.
    private let okCount = Atomic<Int>(0)

    init(maximum: Int) {
        self.state = Mutex(State(admission: ControlAdmission(maximum: maximum)))
        self.maximumStreams = max(1, maximum / 2)
    }

    /// How many there are.
    var count: Int { self.state.withLock { $0.admission.count } }

    var counters: ProxyCounters {
        var counters = self.state.withLock { $0.counters }
        let okCount = self.okCount.load(ordering: .relaxed)
        if okCount > 0 { counters.controlResponses[HTTPResponse.Status.ok.code, default: 0] += okCount }
        return counters
    }

    /// Takes a new connection, if there is room for it.
    ///
    /// - Returns: Its name, or `nil` when there is none.
    func add(_ channel: any Channel) -> ControlAdmission.ID? {
        let (id, former): (ControlAdmission.ID?, (any Channel)?) = self.state.withLock { state in
            guard !state.isShuttingDown else { return (nil, nil) }
            switch state.admission.add() {
            case .refused:
                state.counters.controlRefusals[.connections, default: 0] += 1
                return (nil, nil)
            case .admitted(let id):
                state.channels[id] = channel
                return (id, nil)
            case .admittedInstead(let id, let stranger):
                state.counters.controlRefusals[.stranger, default: 0] += 1
                state.channels[id] = channel
                return (id, state.channels.removeValue(forKey: stranger))
            }
        }
        former?.close(promise: nil)
        return id
    }

    /// Learns that a connection has made a request that is allowed.
    func trust(_ id: ControlAdmission.ID) { self.state.withLock { $0.admission.trust(id) } }

    func remove(_ id: ControlAdmission.ID) {
        self.state.withLock { state in
            state.channels[id] = nil
            state.admission.remove(id)
        }
    }

    /// Notes that an answer goes on, if there is room for that.
    func beginStream() -> Bool {
        self.state.withLock { state in
            guard state.streams < self.maximumStreams else {
                state.counters.controlRefusals[.streams, default: 0] += 1
                return false
            }
            state.streams += 1
            return true
        }
    }

    func endStream() { self.state.withLock { $0.streams -= 1 } }

    func count(_ response: ControlResponse) {
        self.state.withLock { state in
            state.counters.controlResponses[response.head.status.code, default: 0] += 1
            if let refusal = response.refusal { state.counters.controlRefusals[refusal, default: 0] += 1 }
        }
    }

    /// Counts a connection that is read in smaller parts from then on.
    func countLimitedReads() { self.state.withLock { $0.counters.readsLimited += 1 } }

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
