import GRIP
import GRIPEngine
import Testing

@Suite("The hub of channels, whatever happens")
struct ChannelHubRandomWalkTests {
    /// What a hub is to know, kept in the plainest way.
    private struct Model {
        struct Channel {
            /// The loops with subscribers, each by its number.
            var loops: Set<Int> = []
            /// Until when it counts as subscribed although it has none.
            var end: EngineTime?
        }

        var channels: [String: Channel] = [:]
        var sequencer: ChannelSequencer
        let linger: Duration
        /// The channels of which others were told that the process has an interest in them.
        var interests: Set<String> = []
        /// When channels that are new get their update.
        var updates: [(time: EngineTime, channel: String)] = []

        func loops(of channel: String) -> ChannelHub.Loops {
            (self.channels[channel]?.loops ?? []).reduce(into: []) { $0.formUnion(ChannelHub.Loops($1)) }
        }

        mutating func detach(_ loop: Int, from name: String, lingers: Bool, now: EngineTime) {
            self.channels[name]?.loops.remove(loop)
            guard self.channels[name]?.loops.isEmpty == true else { return }
            if lingers, self.linger > .zero {
                self.channels[name]?.end = now + self.linger
            } else {
                self.forget(name)
            }
        }

        mutating func expire(at now: EngineTime) {
            for (name, channel) in self.channels {
                if let end = channel.end, end <= now { self.forget(name) }
            }
        }

        private mutating func forget(_ name: String) {
            self.channels[name] = nil
            self.sequencer.channelLost(name)
        }
    }

    private static let names = ["a", "b", "c", "d"]
    /// Some have a bit of their own, some share the last one.
    private static let loops = [0, 1, 2, 62, 63, 64, 100]

    @Test(
        "Items go to the loops with subscribers, and nobody is forgotten too early",
        arguments: 0..<6 as Range<UInt64>
    )
    func walk(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        let sequencer = ChannelSequencer(
            ChannelSequencer.Configuration(
                wait: .milliseconds(50),
                idLifetime: .milliseconds(200),
                pendingPerChannel: 3
            )
        )
        let linger = Duration.milliseconds([0, 100, 500].randomElement(using: &random) ?? 0)
        let updates = Bool.random(using: &random)
        var hub = ChannelHub(sequencer, linger: linger, updatesOnFirstSubscription: updates)
        var model = Model(sequencer: sequencer, linger: linger)
        var now = EngineTime(milliseconds: 0)
        var delivered = 0
        var changes = 0
        func note(_ effect: ChannelHub.Effect?) {
            switch effect {
            case .interest(let name): position.check(model.interests.insert(name).inserted, "\(name) is told twice")
            case .noInterest(let name): position.check(model.interests.remove(name) != nil, "\(name) was not told")
            case .deliver, .lookAgain: position.check(false, "an effect of time")
            case nil: return
            }
            changes += 1
        }

        for step in 0..<10_000 {
            guard !position.hasFailed else { return }
            position.step = step
            now = now + .milliseconds(.random(in: 0...10, using: &random))
            let name = Self.names.randomElement(using: &random) ?? "a"
            let loop = Self.loops.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                if model.channels[name]?.loops.contains(loop) == true {
                    let lingers = Bool.random(using: &random)
                    note(hub.detach(loop, from: name, lingers: lingers, now: now))
                    model.detach(loop, from: name, lingers: lingers, now: now)
                } else {
                    if updates, model.channels[name] == nil { model.updates.append((now + .seconds(1), name)) }
                    note(hub.attach(loop, to: name, now: now))
                    model.channels[name, default: Model.Channel()].loops.insert(loop)
                    model.channels[name]?.end = nil
                }
            case 3..<5:
                var expected = model.sequencer.wake(at: now).map { ($0, model.loops(of: $0.channel.name)) }
                expected.removeAll { $0.1.isEmpty }
                let due = model.updates.prefix { $0.time <= now }
                model.updates.removeFirst(due.count)
                let expectedUpdates = due.map { ($0.channel, model.loops(of: $0.channel)) }.filter { !$0.1.isEmpty }
                model.expire(at: now)
                let effects = hub.wake(at: now)
                let outgoing = effects.compactMap { effect in
                    if case .deliver(let publication, let loops) = effect { (publication, loops) } else { nil }
                }
                position.check(outgoing.elementsEqual(expected, by: ==), "items that are overdue")
                let looks = effects.compactMap { effect in
                    if case .lookAgain(let name, let loops) = effect { (name, loops) } else { nil }
                }
                position.check(looks.elementsEqual(expectedUpdates, by: ==), "channels that are new")
                for effect in effects { if case .noInterest = effect { note(effect) } }
                position.check(
                    effects.count == outgoing.count + looks.count + effects.count(where: Self.isNoInterest),
                    "there are other effects"
                )
                position.check(hub.nextDeadline.map { $0 > now } ?? true, "it wants to be woken in the past")
            case 5:
                hub.forgetLastID(of: name)
                model.sequencer.forgetLastID(of: name)
            case 6 where Int.random(in: 0..<20, using: &random) == 0:
                hub.recover()
                model.sequencer.forgetAllLastIDs()
            case 6:
                let channel = HeldChannel(try GRIPChannel(name, previousID: "\(step / 8)"), prefix: "")
                let plain = HeldChannel(try GRIPChannel(name), prefix: "")
                position.check(hub.catchUp([plain]) == .inOrder, "who has seen nothing has missed nothing")
                let last = model.sequencer.lastID(of: name)
                let isConflict = channel.previousID != nil && last != nil && last != channel.previousID
                if isConflict { model.sequencer.forgetLastID(of: name) }
                position.check(hub.catchUp([channel]) == (isConflict ? .ask : .inOrder), "what origins have missed")
                position.check(hub.catchUp([channel]) == .inOrder, "a conflict counts once")
            default:
                let id = step / 8 + Int.random(in: -3...3, using: &random)
                let publication = GRIPPublication(
                    GRIPItem(
                        .httpStream("\(step)"),
                        id: Int.random(in: 0..<4, using: &random) == 0 ? nil : "\(id)",
                        previousID: Int.random(in: 0..<3, using: &random) == 0 ? nil : "\(id - 1)"
                    ),
                    to: try GRIPChannel(name)
                )
                var outgoing: ChannelHub.Outgoing = []
                let outcome = hub.receive(publication, now: now, to: &outgoing)
                let isSubscribed = model.channels[name] != nil
                var expected: [GRIPPublication] = []
                let expectedOutcome: ChannelHub.Outcome
                switch model.sequencer.receive(publication, hasSubscribers: isSubscribed, now: now) {
                case .deliverOnly: (expected, expectedOutcome) = ([publication], .delivered)
                case .deliver(let several): (expected, expectedOutcome) = (several, .delivered)
                case .duplicate: expectedOutcome = .duplicate
                case .waiting: expectedOutcome = .waiting
                case .dropped: expectedOutcome = .dropped
                }
                let loops = model.loops(of: name)
                position.check(outcome == expectedOutcome, "\(outcome) instead of \(expectedOutcome)")
                position.check(
                    outgoing.elementsEqual(loops.isEmpty ? [] : expected.map { ($0, loops) }, by: ==),
                    "an item goes elsewhere"
                )
                delivered += outgoing.count
            }
            position.check(hub.channelCount == model.channels.count, "\(hub.channelCount) channels")
            position.check(model.interests == Set(model.channels.keys), "interest in other channels than there are")
            position.check(hub.sequencer.pendingCount == model.sequencer.pendingCount, "items that wait")
            let deadlines =
                model.channels.values.compactMap(\.end) + model.updates.map(\.time)
                + [model.sequencer.nextDeadline].compactMap { $0 }
            // It may be woken for a channel that was used again since.
            if let earliest = deadlines.min() {
                position.check(hub.nextDeadline.map { $0 <= earliest } ?? false, "it sleeps too long")
            }
        }
        #expect(delivered > 1000)
        #expect(changes > 20)
    }

    private static func isNoInterest(_ effect: ChannelHub.Effect) -> Bool {
        if case .noInterest = effect { true } else { false }
    }
}
