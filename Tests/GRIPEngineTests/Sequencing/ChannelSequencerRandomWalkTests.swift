import GRIP
import GRIPEngine
import Testing

@Suite("The sequencer, whatever happens")
struct ChannelSequencerRandomWalkTests {
    /// Publications of one walk: chains with gaps, repetitions and forks on a few channels.
    private struct Publications {
        var random: SplitMix64
        private(set) var made = 0

        init(seed: UInt64) { self.random = SplitMix64(seed: seed) }

        mutating func next() -> GRIPPublication {
            self.made += 1
            let position = self.made / 8 + Int.random(in: -4...4, using: &self.random)
            let isPlain = Int.random(in: 0..<6, using: &self.random) == 0
            let follows = Int.random(in: 0..<5, using: &self.random) != 0
            return GRIPPublication(
                "\(self.made)",
                on: self.channel(),
                id: isPlain ? nil : "\(position)",
                after: follows ? "\(position - 1)" : nil,
                noSequence: Int.random(in: 0..<20, using: &self.random) == 0
            )
        }

        mutating func channel() -> String { ["a", "b", "c"].randomElement(using: &self.random) ?? "a" }
    }

    @Test("It does what its rules say, step by step", arguments: 0..<6 as Range<UInt64>)
    func followsTheRules(seed: UInt64) {
        var publications = Publications(seed: seed)
        let configuration = ChannelSequencer.Configuration(
            wait: .milliseconds(.random(in: 0...200, using: &publications.random)),
            idLifetime: .milliseconds([0, 100, 1000].randomElement(using: &publications.random) ?? 0),
            pendingPerChannel: .random(in: 1...5, using: &publications.random),
            pendingTotal: .random(in: 2...10, using: &publications.random)
        )
        var sequencer = ChannelSequencer(configuration)
        var model = SequencerModel(configuration: configuration)
        var now = EngineTime(milliseconds: 0)

        for _ in 0..<10_000 {
            now = now + .milliseconds(.random(in: 0...8, using: &publications.random))
            switch Int.random(in: 0..<40, using: &publications.random) {
            case 0:
                let channel = publications.channel()
                #expect(sequencer.channelLost(channel) == model.channelLost(channel).count)
            case 1:
                let channel = publications.channel()
                sequencer.forgetLastID(of: channel)
                model.last[channel] = nil
            case 2 where Int.random(in: 0..<4, using: &publications.random) == 0:
                sequencer.forgetAllLastIDs()
                model.last = [:]
            case 3..<12:
                #expect(sequencer.wake(at: now) == model.wake(at: now))
                #expect(sequencer.nextDeadline.map { $0 > now } ?? true)
            default:
                let publication = publications.next()
                let hasSubscribers = Int.random(in: 0..<30, using: &publications.random) != 0
                let outcome = sequencer.receive(publication, hasSubscribers: hasSubscribers, now: now)
                #expect(outcome == model.receive(publication, hasSubscribers: hasSubscribers, now: now))
            }
            #expect(sequencer.nextDeadline == model.waiting.first?.deadline)
            #expect(sequencer.pendingCount == model.waiting.count)
            #expect(sequencer.lastIDCount == model.last.count)
            for channel in ["a", "b", "c"] { #expect(sequencer.lastID(of: channel) == model.last[channel]) }
        }
    }

    @Test("Each item has one fate, no id comes twice, and the limits hold", arguments: 0..<6 as Range<UInt64>)
    func accountsForAll(seed: UInt64) {
        var publications = Publications(seed: seed &+ 1000)
        let configuration = ChannelSequencer.Configuration(
            wait: .milliseconds(.random(in: 1...100, using: &publications.random)),
            idLifetime: .milliseconds(500),
            pendingPerChannel: .random(in: 1...6, using: &publications.random),
            pendingTotal: .random(in: 1...12, using: &publications.random),
            pendingBytes: .random(in: 500...3000, using: &publications.random),
            lastIDs: .random(in: 1...3, using: &publications.random)
        )
        var sequencer = ChannelSequencer(configuration)
        var now = EngineTime(milliseconds: 0)
        var received = 0
        var refused = 0
        var delivered: Set<String> = []
        var waiting: [String: GRIPPublication] = [:]
        /// When each id was last delivered or began to wait.
        var taken: [String: EngineTime] = [:]

        func deliver(_ publication: GRIPPublication) {
            #expect(delivered.insert(publication.name).inserted)
        }
        /// What was taken just now must not repeat an id.
        func take(_ publication: GRIPPublication) {
            guard let id = publication.item.id else { return }
            let earlier = taken.updateValue(now, forKey: "\(publication.channel.name) \(id)")
            if let earlier { #expect(earlier + configuration.idLifetime <= now) }
        }

        for _ in 0..<10_000 {
            now = now + .milliseconds(.random(in: 0...8, using: &publications.random))
            switch Int.random(in: 0..<30, using: &publications.random) {
            case 0:
                let channel = publications.channel()
                let lost = waiting.values.filter { $0.channel.name == channel }
                #expect(sequencer.channelLost(channel) == lost.count)
                for publication in lost {
                    waiting[publication.name] = nil
                    taken["\(channel) \(publication.item.id ?? "")"] = nil
                }
            case 1..<8:
                for publication in sequencer.wake(at: now) {
                    #expect(waiting.removeValue(forKey: publication.name) == publication)
                    deliver(publication)
                }
            default:
                let publication = publications.next()
                received += 1
                let last = sequencer.lastID(of: publication.channel.name)
                switch sequencer.receive(publication, hasSubscribers: true, now: now) {
                case .deliverOnly:
                    take(publication)
                    deliver(publication)
                    let isInOrder = last == nil || publication.item.previousID ?? last == last
                    #expect(isInOrder || publication.item.skipsSequencing)
                case .deliver(let several):
                    take(publication)
                    #expect(several.first == publication)
                    #expect(several.count > 1)
                    for (publication, next) in zip(several, several.dropFirst()) {
                        #expect(publication.item.id == next.item.previousID)
                        #expect(waiting.removeValue(forKey: next.name) == next)
                    }
                    several.forEach(deliver)
                case .waiting:
                    take(publication)
                    #expect(last != nil && publication.item.previousID != last)
                    waiting[publication.name] = publication
                case .duplicate:
                    refused += 1
                    let earlier = taken["\(publication.channel.name) \(publication.item.id ?? "")"]
                    #expect(earlier.map { $0 + configuration.idLifetime > now } ?? false)
                case .dropped:
                    refused += 1
                }
            }
            #expect(sequencer.pendingCount == waiting.count)
            #expect(waiting.count <= configuration.pendingTotal)
            #expect(sequencer.pendingBytes <= configuration.pendingBytes)
            #expect(sequencer.lastIDCount <= configuration.lastIDs)
            #expect((sequencer.nextDeadline == nil) == waiting.isEmpty)
        }
        let counters = sequencer.counters
        #expect(received == delivered.count + waiting.count + refused + counters.lost)
        #expect(counters.duplicates + counters.dropped.values.reduce(0, +) == refused)
        #expect(counters.forgottenIDs == 0)
        #expect(delivered.count > 1000)
        #expect(counters.reordered > 10)
        #expect(counters.overdue > 10)
    }
}
