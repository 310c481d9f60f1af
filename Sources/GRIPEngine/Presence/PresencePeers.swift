import GRIP

/// The other instances, by when they were heard last.
struct PresencePeers: Sendable {
    /// What it means that an instance was heard.
    enum Hearing: Sendable, Hashable {
        case known
        /// It is new, or was lost before.
        case new
        /// It has ended, or there are as many as there may be.
        case ignored
    }

    private enum State: Sendable {
        case here
        /// It ends, and its members have that time to appear elsewhere.
        case leaving(Duration)
        /// It has ended.
        case gone
    }

    private struct Peer: Sendable {
        var heard: EngineTime
        var state = State.here
        /// The number of its last message that did not arrive.
        var lost = 0
    }

    private let maximum: Int
    private var peers: [UInt64: Peer] = [:]
    /// When somebody was heard last for whom there is no room.
    private var overfullAt: EngineTime?
    private var judgedAt: EngineTime?

    init(maximum: Int) { self.maximum = maximum }

    var count: Int { self.peers.count }

    /// Those who are to answer questions and have not, in order.
    ///
    /// - Parameter hasAnswered: Whether one has.
    func missing(_ hasAnswered: (UInt64) -> Bool) -> [UInt64] {
        self.peers.compactMap { owner, peer in
            if case .here = peer.state, !hasAnswered(owner) { owner } else { nil }
        }.sorted()
    }

    /// Whether all have answered who are to answer questions.
    ///
    /// - Parameter hasAnswered: Whether one has.
    func haveAllAnswered(_ hasAnswered: (UInt64) -> Bool) -> Bool {
        self.peers.allSatisfy { owner, peer in
            if case .here = peer.state { hasAnswered(owner) } else { true }
        }
    }

    /// Whether an instance is to answer questions.
    func isAnswering(_ owner: UInt64) -> Bool {
        if case .here = self.peers[owner]?.state { true } else { false }
    }

    /// Whether nobody is silent whose members may have changed, nor left aside.
    func areAllHeard(at now: EngineTime) -> Bool {
        let times = PresenceRoster.Times.self
        if let overfullAt, now < overfullAt + times.loss { return false }
        return self.peers.values.allSatisfy { peer in
            if case .here = peer.state { now < peer.heard + times.suspicion } else { true }
        }
    }

    /// Notes that an instance was heard.
    mutating func hear(_ owner: UInt64, now: EngineTime) -> Hearing {
        if var peer = self.peers[owner] {
            if case .gone = peer.state { return .ignored }
            peer.heard = now
            self.peers[owner] = peer
            return .known
        }
        guard self.peers.count < self.maximum else {
            self.overfullAt = now
            return .ignored
        }
        self.peers[owner] = Peer(heard: now)
        return .new
    }

    /// Notes that messages of an instance up to a number have not arrived.
    ///
    /// - Returns: Whether that is new.
    mutating func note(lost: Int, of owner: UInt64) -> Bool {
        guard let known = self.peers[owner]?.lost, known < lost else { return false }
        self.peers[owner]?.lost = lost
        return true
    }

    /// Notes that an instance ends.
    ///
    /// - Returns: Why its members leave at once, or `nil` where they have time.
    mutating func end(_ owner: UInt64, grace: Duration) -> GRIPDepartureReason? {
        self.peers[owner]?.state = grace > .zero ? .leaving(grace) : .gone
        return grace > .zero ? nil : .shutdown
    }

    /// Forgets those who have been silent for too long.
    ///
    /// A pause of this process is no silence of others.
    ///
    /// - Returns: Those whose members leave, and why, in order.
    mutating func judge(now: EngineTime) -> [(owner: UInt64, reason: GRIPDepartureReason)] {
        let times = PresenceRoster.Times.self
        if let judgedAt, judgedAt + times.pause < now { self.forgive(now: now) }
        self.judgedAt = now
        var lost: [(owner: UInt64, reason: GRIPDepartureReason)] = []
        for (owner, peer) in self.peers {
            switch peer.state {
            case .here where peer.heard + times.loss <= now: lost.append((owner, .instanceLost))
            case .leaving(let grace) where peer.heard + grace <= now: lost.append((owner, .moved))
            case .gone where peer.heard + times.loss <= now: self.peers[owner] = nil
            case .here, .leaving, .gone: continue
            }
        }
        for (owner, _) in lost { self.peers[owner] = nil }
        return lost.sorted { $0.owner < $1.owner }
    }

    /// Takes all as heard now, because nobody could be heard before.
    mutating func forgive(now: EngineTime) {
        for owner in self.peers.keys { self.peers[owner]?.heard = now }
    }
}
