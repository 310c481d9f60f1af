import GRIP
import GRIPNATS
import NIOCore
import Testing

/// Several instances publish over a way that loses things; what is lost must be told, and nothing else.
@Suite("Numbers and heartbeats: random walk")
struct LedgerRandomWalkTests {
    private struct Walk {
        let position: WalkPosition
        var random: SplitMix64
        /// One in so many is lost; 0 for none.
        let loss: Int
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        /// The first one says everything in one heartbeat, the others need several.
        var senders: [UInt64: SentLedger] = [
            1: SentLedger(), 2: SentLedger(heartbeatLimit: 2), 3: SentLedger(heartbeatLimit: 1),
        ]
        var receiver = ReceivedLedger()
        /// When a heartbeat of an instance was heard last.
        var heard: [UInt64: NIODeadline] = [:]
        var attended: [String: NIODeadline] = [:]
        /// What was lost and not told yet.
        var lost: [(instance: UInt64, channel: String)] = []
        static let channels = (0..<6).map { "c\($0)" }

        init(seed: UInt64) {
            self.position = WalkPosition(seed: seed)
            self.random = SplitMix64(seed: seed)
            self.loss = [0, 3, 10, 50][Int(seed % 4)]
            self.receiver.connected(now: self.now)
            for id in self.senders.keys.sorted() { self.beat(id, canBeLost: false) }
        }

        mutating func step() {
            self.now = self.now + .milliseconds(Int64.random(in: 1...300, using: &self.random))
            let id = UInt64.random(in: 1...3, using: &self.random)
            let channel = Self.channels.randomElement(using: &self.random) ?? ""
            switch Int.random(in: 0..<20, using: &self.random) {
            case 0 where self.attended[channel] == nil:
                self.attended[channel] = self.now
                self.receiver.attend(channel, now: self.now)
            case 1 where self.attended[channel] != nil:
                self.attended[channel] = nil
                self.receiver.ignore(channel)
                self.lost.removeAll { $0.channel == channel }
            case 2...5: self.beat(id)
            default: self.publish(channel, from: id)
            }
        }

        private mutating func isLost() -> Bool {
            self.loss > 0 && Int.random(in: 0..<self.loss, using: &self.random) == 0
        }

        private mutating func publish(_ channel: String, from id: UInt64) {
            guard let number = self.senders[id]?.next(channel) else { return }
            guard let since = self.attended[channel] else { return }
            guard self.isLost() else {
                if self.receiver.receive(number, of: channel, from: id, now: self.now) { self.told([channel], by: id) }
                return
            }
            // Before the first heartbeat after the interest, those who attend look again anyway.
            if let heard = self.heard[id], heard > since { self.lost.append((id, channel)) }
        }

        /// Sends as many heartbeats as it takes to say everything.
        private mutating func beat(_ id: UInt64, canBeLost: Bool = true) {
            var isLost = false
            repeat {
                guard let heartbeat = self.senders[id]?.heartbeat(of: id) else { return }
                self.senders[id]?.sent(heartbeat)
                isLost = canBeLost && self.isLost()
                if isLost { continue }
                switch self.receiver.receive(heartbeat, now: self.now) {
                case .none: break
                case .channels(let channels): self.told(channels, by: id)
                case .all: self.told(Self.channels, by: id)
                }
            } while self.senders[id]?.hasChanges == true
            // After the last one, everything before it has been told.
            if isLost { return }
            self.heard[id] = self.now
            self.position.check(!self.lost.contains { $0.instance == id }, "not told: \(self.lost)")
        }

        private mutating func told(_ channels: [String], by id: UInt64) {
            self.position.check(self.loss > 0, "told of \(channels), and nothing was lost")
            self.position.check(
                channels.count == Self.channels.count || channels.allSatisfy { self.attended[$0] != nil },
                "told of channels that nobody here has"
            )
            self.lost.removeAll { $0.instance == id && channels.contains($0.channel) }
        }
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func walk(seed: UInt64) {
        var walk = Walk(seed: seed)
        for step in 0..<600 where !walk.position.hasFailed {
            walk.position.step = step
            walk.step()
        }
    }
}
