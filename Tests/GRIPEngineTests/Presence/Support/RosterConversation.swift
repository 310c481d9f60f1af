import GRIP
import GRIPEngine

/// A roster, and what it does as lines.
struct RosterConversation {
    var roster: PresenceRoster
    var now = EngineTime(milliseconds: 0)
    /// Whether heartbeats are among the lines.
    var showsHeartbeats = false

    init(owner: UInt64 = 1, _ configuration: PresenceRoster.Configuration = .init(), hasBus: Bool = false) {
        self.roster = PresenceRoster(owner: owner, configuration, hasBus: hasBus)
    }

    /// A roster whose bus is connected and that has heard all others, who are these.
    static func connected(
        _ configuration: PresenceRoster.Configuration = .init(),
        peers: [UInt64] = []
    ) throws -> RosterConversation {
        var conversation = RosterConversation(configuration, hasBus: true)
        _ = conversation.roster.busChanged(isConnected: true, now: conversation.now)
        _ = try conversation.join("own", on: "elsewhere", connection: 99)
        for _ in 0..<3 {
            for peer in peers { _ = conversation.receive(.alive(lost: 0, grace: nil), from: peer) }
            _ = conversation.advance(.seconds(1))
        }
        return conversation
    }

    // MARK: Events

    mutating func join(
        _ key: String,
        on channel: String = "room",
        connection: UInt64 = 1,
        info: String? = nil,
        meta: [String: String] = [:]
    ) throws -> [String] {
        self.lines(
            self.roster.join(
                try GRIPMember(key, info: info),
                to: channel,
                by: SubscriberIdentity(connection: connection, meta: meta),
                at: Int(self.now.milliseconds),
                now: self.now
            )
        )
    }

    mutating func leave(
        _ connection: UInt64 = 1,
        from channel: String = "room",
        reason: GRIPDepartureReason = .closed,
        lingers: Bool = true,
        meta: [String: String] = [:]
    ) -> [String] {
        self.lines(
            self.roster.leave(
                channel,
                by: SubscriberIdentity(connection: connection, meta: meta),
                reason: reason,
                lingers: lingers,
                now: self.now
            )
        )
    }

    mutating func kick(_ key: String, from channel: String = "room") -> [String] {
        self.lines(self.roster.kick(key, from: channel, now: self.now))
    }

    mutating func shutDown(grace: Duration = .seconds(10)) -> [String] {
        self.lines(self.roster.shutDown(grace: grace, now: self.now))
    }

    /// Watches, and gives the first snapshot, where there is one, before what is done.
    mutating func watch(_ channel: String = "room") throws -> [String] {
        let (snapshot, actions) = try self.roster.watch(channel, now: self.now)
        return (snapshot.map { [$0.line] } ?? []) + self.lines(actions)
    }

    mutating func unwatch(_ channel: String = "room") -> [String] {
        self.lines(self.roster.unwatch(channel, now: self.now))
    }

    mutating func receive(_ content: PresenceMessage.Content, from owner: UInt64) -> [String] {
        self.lines(self.roster.receive(PresenceMessage(owner: owner, content), now: self.now))
    }

    mutating func connect(_ isConnected: Bool = true) -> [String] {
        self.lines(self.roster.busChanged(isConnected: isConnected, now: self.now))
    }

    mutating func missed(_ gap: GRIPBusGap) -> [String] { self.lines(self.roster.missed(gap, now: self.now)) }

    /// Lets time pass, and wakes the roster whenever it wants to be.
    mutating func advance(_ duration: Duration) -> [String] {
        let end = self.now + duration
        var lines: [String] = []
        while let next = self.roster.nextDeadline, next <= end {
            self.now = max(self.now, next)
            lines += self.lines(self.roster.wake(at: self.now))
        }
        self.now = end
        return lines
    }

    var snapshot: String { mutating get { self.roster.snapshot(of: "room", now: self.now)?.line ?? "not watched" } }

    func lines(_ actions: [PresenceAction]) -> [String] {
        actions.flatMap { action -> [String] in
            if !self.showsHeartbeats, case .publish(let message) = action, case .alive = message.content { return [] }
            return action.lines
        }
    }
}

// MARK: Values

extension PresenceMessage.Content {
    /// A list in one part.
    static func list(_ number: Int, _ keys: String...) throws -> PresenceMessage.Content {
        .snapshot(channel: "room", number: number, part: 0, parts: 1, try keys.map { try PresenceEntry($0) })
    }

    static func changes(_ number: Int, after previous: Int, _ edits: PresenceEdit...) -> PresenceMessage.Content {
        .changes(channel: "room", number: number, previous: previous, edits)
    }
}

extension PresenceEntry {
    /// A member; `alice:x` has the info `x`.
    init(_ text: String, since: Int = 0, infoSince: Int? = nil, connections: Int = 1) throws {
        let parts = text.split(separator: ":", maxSplits: 1)
        let member = try GRIPMember(String(parts[0]), info: parts.count > 1 ? String(parts[1]) : nil)
        self.init(member, since: since, infoSince: infoSince, connections: connections)
    }
}

// MARK: Lines

extension PresenceAction {
    fileprivate var lines: [String] {
        switch self {
        case .publish(let message): [message.content.line]
        case .attend(let channels): ["attend \(channels.map(\.shortened).joined(separator: " "))"]
        case .ignore(let channels): ["ignore \(channels.map(\.shortened).joined(separator: " "))"]
        case .tell(_, let changes): changes.map(\.line)
        case .end(let connection, let channel): ["end \(connection) on \(channel)"]
        case .departed(let departure):
            [
                "departed \(departure.member.line) from \(departure.channel): \(departure.reason), "
                    + "\(departure.connection) \(departure.meta.map { "\($0.key)=\($0.value)" }.sorted())"
            ]
        }
    }
}

extension PresenceMessage.Content {
    var line: String {
        switch self {
        case .alive(let lost, let grace): "alive, lost \(lost)" + (grace.map { ", grace \($0)" } ?? "")
        case .question(let channel, let owners):
            "ask \(owners.map { $0.map(String.init).joined(separator: " ") } ?? "all") about \(channel)"
        case .kick(let channel, let key): "kick \(key) from \(channel)"
        case .snapshot(let channel, let number, let part, let parts, let entries):
            "\(channel) \(number)" + (parts > 1 ? " (\(part + 1) of \(parts))" : "")
                + ": \(entries.map(\.line).joined(separator: ", "))"
        case .changes(let channel, let number, let previous, let edits):
            "\(channel) \(number) after \(previous): " + edits.map(\.line).joined(separator: ", ")
        }
    }
}

extension PresenceEdit {
    fileprivate var line: String {
        switch self {
        case .set(let entry): "+\(entry.line)"
        case .removed(let key, let reason): "-\(key) \(reason)"
        }
    }
}

extension PresenceEntry {
    fileprivate var line: String { self.member.line + (self.connections > 1 ? "*\(self.connections)" : "") }
}

extension GRIPMember {
    fileprivate var line: String { self.key + (self.info.map { ":\($0)" } ?? "") }
}

extension GRIPPresenceMember {
    fileprivate var line: String {
        "\(self.member.line)@\(self.sinceMilliseconds)" + (self.connections > 1 ? "*\(self.connections)" : "")
    }
}

extension GRIPPresenceSnapshot {
    var line: String {
        let members = self.members.isEmpty ? "nobody" : self.members.map(\.line).joined(separator: ", ")
        return "\(self.isComplete ? "all" : "some"): \(members)"
    }
}

extension GRIPPresenceChange {
    var line: String {
        switch self {
        case .snapshot(let snapshot): snapshot.line
        case .joined(let member): "joined \(member.line)"
        case .updated(let member): "updated \(member.line)"
        case .left(let member, let reason): "left \(member.line): \(reason)"
        }
    }
}

extension String {
    /// A name without what makes it reserved.
    fileprivate var shortened: String {
        PresenceBusChannel.isReserved(self) ? String(self.dropFirst(PresenceBusChannel.prefix.count)) : self
    }
}
