import GRIP
import GRIPEngine

/// The sequencer as its rules say it, without any thought of speed.
struct SequencerModel {
    struct Waiting {
        let publication: GRIPPublication
        let deadline: EngineTime
    }

    let configuration: ChannelSequencer.Configuration
    var seen: [(channel: String, id: String, until: EngineTime)] = []
    var last: [String: String] = [:]
    /// The oldest first.
    var waiting: [Waiting] = []

    mutating func receive(
        _ publication: GRIPPublication,
        hasSubscribers: Bool,
        now: EngineTime
    ) -> ChannelSequencer.Outcome {
        let item = publication.item
        let channel = publication.channel.name
        self.seen.removeAll { $0.until <= now }
        if let id = item.id, self.seen.contains(where: { $0.channel == channel && $0.id == id }) { return .duplicate }
        if hasSubscribers, !item.skipsSequencing, let previousID = item.previousID, let last = self.last[channel],
            last != previousID
        {
            let onChannel = self.waiting.filter { $0.publication.channel.name == channel }
            if onChannel.contains(where: { $0.publication.item.previousID == previousID }) {
                return .dropped(.samePreviousID)
            }
            if onChannel.count == self.configuration.pendingPerChannel { return .dropped(.channelFull) }
            if self.waiting.count == self.configuration.pendingTotal { return .dropped(.full) }
            self.remember(publication, now)
            self.waiting.append(Waiting(publication: publication, deadline: now + self.configuration.wait))
            return .waiting
        }
        self.remember(publication, now)
        guard hasSubscribers, !item.skipsSequencing else { return .deliverOnly }
        let delivered = self.deliver(publication)
        return delivered.count == 1 ? .deliverOnly : .deliver(delivered)
    }

    mutating func wake(at now: EngineTime) -> [GRIPPublication] {
        var delivered: [GRIPPublication] = []
        while let first = self.waiting.first, first.deadline <= now {
            self.waiting.removeFirst()
            delivered += self.deliver(first.publication)
        }
        return delivered
    }

    mutating func channelLost(_ channel: String) -> [GRIPPublication] {
        let lost = self.waiting.map(\.publication).filter { $0.channel.name == channel }
        self.waiting.removeAll { $0.publication.channel.name == channel }
        self.last[channel] = nil
        for publication in lost {
            self.seen.removeAll { $0.channel == channel && $0.id == publication.item.id }
        }
        return lost
    }

    private mutating func deliver(_ publication: GRIPPublication) -> [GRIPPublication] {
        self.last[publication.channel.name] = publication.item.id
        guard let id = publication.item.id,
            let index = self.waiting.firstIndex(where: {
                $0.publication.channel.name == publication.channel.name && $0.publication.item.previousID == id
            })
        else { return [publication] }
        return [publication] + self.deliver(self.waiting.remove(at: index).publication)
    }

    private mutating func remember(_ publication: GRIPPublication, _ now: EngineTime) {
        guard let id = publication.item.id, self.configuration.idLifetime > .zero else { return }
        self.seen.append((publication.channel.name, id, now + self.configuration.idLifetime))
    }
}
