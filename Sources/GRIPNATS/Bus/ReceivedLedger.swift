import GRIP
package import NIOCore

/// Holds what arrives against what other instances say they have sent, and finds what is missing.
///
/// Servers of a cluster lose messages without telling anybody. So the publications of an instance to a channel are
/// numbered, and heartbeats tell the last numbers: a hole shows at the next publication or at the next heartbeat.
package struct ReceivedLedger: Sendable {
    package enum Gap: Sendable, Hashable {
        case none
        case channels([String])
        case all
    }

    private struct Peer: Sendable {
        var beat: UInt64
        var total: UInt64
        var heardAt: NIODeadline
        /// When a heartbeat came last after which there was no channel left to be named.
        var namedAt: NIODeadline
        /// Since when each heartbeat has left channels to be named.
        var hasMoreSince: NIODeadline?
        var numbers: [UTF8Key: Numbers] = [:]

        /// Notes up to when everything has been named.
        mutating func heard(_ heartbeat: Heartbeat, now: NIODeadline) {
            self.heardAt = now
            guard heartbeat.hasMore else {
                self.namedAt = now
                self.hasMoreSince = nil
                return
            }
            let since = self.hasMoreSince ?? now
            self.hasMoreSince = since
            if now - since > ReceivedLedger.namingTime {
                self.namedAt = max(self.namedAt, now - ReceivedLedger.namingTime)
            }
        }
    }

    /// What has come of an instance on a channel.
    private struct Numbers: Sendable {
        /// The first number that came, until a heartbeat has told whether it should have been another.
        var first: UInt64?
        var last: UInt64
    }

    /// How long an instance may be silent before it is forgotten.
    package static let silence: TimeAmount = .seconds(60)
    /// How many instances are followed.
    ///
    /// What comes from others is taken, but nobody finds out what of it is missing.
    package static let maximumPeers = 1000
    /// How long after a publication a heartbeat names its channel at the latest, where channels are not very long.
    package static let namingTime: TimeAmount = .seconds(15)
    /// How long after a connection began heartbeats of instances that are not known mean nothing.
    package static let settlingTime: TimeAmount = .seconds(3)

    /// When channels were attended.
    private var attended: [UTF8Key: NIODeadline] = [:]
    private var peers: [UInt64: Peer] = [:]
    private var connectedAt: NIODeadline?
    /// How many publications and heartbeats came from instances that are not followed.
    package private(set) var unfollowedCount = 0

    package init() {}

    /// How many instances are followed.
    package var peerCount: Int { self.peers.count }
    package var isEmpty: Bool { self.attended.isEmpty }

    package func isAttended(_ channel: String) -> Bool { self.attended[UTF8Key(channel)] != nil }

    package mutating func attend(_ channel: String, now: NIODeadline) { self.attended[UTF8Key(channel)] = now }

    package mutating func ignore(_ channel: String) {
        let channel = UTF8Key(channel)
        self.attended[channel] = nil
        for id in Array(self.peers.keys) { self.peers[id]?.numbers[channel] = nil }
    }

    /// Learns that the connection is ready: everything is looked at again, so that what was counted before is of no use.
    package mutating func connected(now: NIODeadline) {
        self.peers = [:]
        self.connectedAt = now
    }

    /// Takes a publication.
    ///
    /// - Returns: Whether some before it are missing.
    package mutating func receive(
        _ number: SentLedger.Number,
        of channel: String,
        from instance: UInt64,
        now: NIODeadline
    ) -> Bool {
        let channel = UTF8Key(channel)
        guard self.attended[channel] != nil else { return false }
        if self.peers[instance] == nil {
            guard self.canFollowAnother() else { return false }
            self.peers[instance] = Peer(beat: 0, total: 0, heardAt: now, namedAt: now)
        }
        let numbers = self.peers[instance]?.numbers[channel]
        let first = numbers == nil ? number.value : numbers?.first
        self.peers[instance]?.numbers[channel] = Numbers(first: number.isFirst ? nil : first, last: number.value)
        guard let numbers else { return false }
        // Numbers never go back, unless they begin anew; where their beginning is not what came, it is missing.
        // What comes may be anything: the greatest number has no next one.
        return !number.isFirst && number.value &- 1 != numbers.last
    }

    private mutating func canFollowAnother() -> Bool {
        if self.peers.count < Self.maximumPeers { return true }
        self.unfollowedCount += 1
        return false
    }

    /// Takes a heartbeat.
    ///
    /// One that names no channels, because there were too many, tells of no gap: what was lost of a channel shows at the
    /// next publication to it.
    package mutating func receive(_ heartbeat: Heartbeat, now: NIODeadline) -> Gap {
        self.forgetSilentPeers(now: now)
        // No copy of the peer, whose numbers would be copied when they change.
        guard let beat = self.peers[heartbeat.instance]?.beat, let total = self.peers[heartbeat.instance]?.total,
            let namedAt = self.peers[heartbeat.instance]?.namedAt, beat > 0
        else { return self.meet(heartbeat, now: now) }
        guard heartbeat.beat > beat else { return .none }
        self.peers[heartbeat.instance]?.beat = heartbeat.beat
        self.peers[heartbeat.instance]?.total = heartbeat.total
        self.peers[heartbeat.instance]?.heard(heartbeat, now: now)
        // What heartbeats that are missing have named is not known, unless nothing was published.
        let isWhole = heartbeat.beat == beat + 1 || heartbeat.total == total
        let missing = self.compare(heartbeat, attendedBefore: namedAt)
        guard isWhole else { return .all }
        return missing.isEmpty ? .none : .channels(missing)
    }

    /// Takes the first heartbeat of an instance.
    private mutating func meet(_ heartbeat: Heartbeat, now: NIODeadline) -> Gap {
        let numbers = self.peers[heartbeat.instance]?.numbers ?? [:]
        guard self.peers[heartbeat.instance] != nil || self.canFollowAnother() else { return .none }
        self.peers[heartbeat.instance] = Peer(
            beat: heartbeat.beat,
            total: heartbeat.total,
            heardAt: now,
            namedAt: heartbeat.hasMore ? now - Self.namingTime : now,
            numbers: numbers
        )
        let isSettled = self.connectedAt.map { now - $0 > Self.settlingTime } ?? false
        let missing = self.compare(heartbeat, attendedBefore: isSettled ? now - .seconds(2) : .distantPast)
        // It has been there for longer, but was not heard.
        if isSettled, heartbeat.beat > 1, heartbeat.total > 0 { return .all }
        return missing.isEmpty ? .none : .channels(missing)
    }

    /// Which channels have had more publications than came.
    ///
    /// - Parameter attendedBefore: From when on the heartbeat says what was published. Of channels that were attended
    ///   later, it is not known whether the publications came before or after; the proxy looks again for a new channel anyway.
    private mutating func compare(_ heartbeat: Heartbeat, attendedBefore: NIODeadline) -> [String] {
        var missing: [String] = []
        for entry in heartbeat.channels ?? [] {
            let channel = UTF8Key(entry.channel)
            guard let attendedAt = self.attended[channel] else { continue }
            let isCovered = attendedAt < attendedBefore
            let numbers = self.peers[heartbeat.instance]?.numbers
                .updateValue(Numbers(first: nil, last: entry.last), forKey: channel)
            if let numbers {
                let isLate = isCovered && numbers.first.map { $0 > entry.first } ?? false
                if numbers.last != entry.last || isLate { missing.append(entry.channel) }
            } else if isCovered {
                missing.append(entry.channel)
            }
        }
        return missing
    }

    private mutating func forgetSilentPeers(now: NIODeadline) {
        for (id, peer) in self.peers where now - peer.heardAt > Self.silence { self.peers[id] = nil }
    }
}
