import GRIP
import Synchronization

/// What one instance has published and what another has heard, each with its time, and what follows from that.
final class ChaosLog: GRIPBusReceiver {
    private struct State {
        /// When each item was handed over, by channel; the number of an item is its place.
        var published: [String: [ContinuousClock.Instant]] = [:]
        /// Which items the bus has not taken.
        var refused: [String: Set<Int>] = [:]
        /// Which items arrived, in order.
        var received: [String: [Int]] = [:]
        var gaps: [(time: ContinuousClock.Instant, gap: GRIPBusGap)] = []
        var connections = 0
    }

    /// What a run has shown.
    struct Verdict: CustomStringConvertible {
        var published = 0
        var received = 0
        var lost = 0
        /// Lost items that no gap tells of, as `channel:number`.
        var uncovered: [String] = []
        /// Items that came twice, or after a later one.
        var disordered: [String] = []
        var gaps = 0

        var description: String {
            "\(self.published) published, \(self.received) received, \(self.lost) lost, \(self.gaps) gaps, "
                + "uncovered \(self.uncovered.prefix(5)), disordered \(self.disordered.prefix(5))"
        }
    }

    private let state = Mutex(State())

    // MARK: Publishing

    /// Notes the next item of a channel before it is handed over.
    ///
    /// - Returns: Its number.
    func willPublish(to channel: String) -> Int {
        self.state.withLock { state in
            let now = ContinuousClock.now
            state.published[channel, default: []].append(now)
            return (state.published[channel]?.count ?? 0) - 1
        }
    }

    func refused(_ number: Int, of channel: String) {
        self.state.withLock { state in _ = state.refused[channel, default: []].insert(number) }
    }

    // MARK: Receiving

    func receive(_ publications: [GRIPPublication]) {
        self.state.withLock { state in
            for publication in publications {
                guard let number = publication.item.id.flatMap({ Int($0) }) else { continue }
                state.received[publication.channel.name, default: []].append(number)
            }
        }
    }

    func missed(_ gap: GRIPBusGap) { self.state.withLock { $0.gaps.append((.now, gap)) } }

    func stateChanged(_ state: GRIPBusState) {
        if state.isConnected { self.state.withLock { $0.connections += 1 } }
    }

    var connections: Int { self.state.withLock { $0.connections } }

    func hasReceived(_ number: Int, of channel: String) -> Bool {
        self.state.withLock { $0.received[channel]?.last ?? -1 >= number }
    }

    // MARK: Judging

    /// Holds what arrived against what was published.
    ///
    /// Items from before the first one that arrived are left aside: what is published while an interest is new is looked
    /// for without a gap. A client that looks at its origin sees what was published before; a gap therefore covers the
    /// lost items that are older than it.
    var verdict: Verdict {
        self.state.withLock { state in
            var verdict = Verdict()
            verdict.gaps = state.gaps.count
            for (channel, times) in state.published {
                let received = state.received[channel] ?? []
                let known = Set(received)
                verdict.published += times.count
                verdict.received += received.count
                for (earlier, later) in zip(received, received.dropFirst()) where later <= earlier {
                    verdict.disordered.append("\(channel):\(later)")
                }
                let lastGap =
                    state.gaps.last { entry in
                        switch entry.gap {
                        case .all: true
                        case .channels(let names, _): names.contains(channel)
                        }
                    }?.time
                for (number, time) in times.enumerated().dropFirst(received.first ?? 0) where !known.contains(number) {
                    guard state.refused[channel]?.contains(number) != true else { continue }
                    verdict.lost += 1
                    if lastGap ?? time < time || lastGap == nil { verdict.uncovered.append("\(channel):\(number)") }
                }
            }
            return verdict
        }
    }
}
