import GRIP
import GRIPEngine
import NIOCore
import Testing

@testable import GRIPProxy

/// An origin that names its clients as they ask for: `/stream?room=r&as=alice&info=x`, and the same with `/response` and
/// `/ws`.
///
/// A client of a WebSocket gets another info with the message `info x`, another key with `as bob`, and is unsubscribed with
/// `leave`.
enum MemberOrigin {
    /// Runs the origin while a closure runs.
    static func with<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        try await withServer(Self.serve, body)
    }

    private static func serve(_ connection: inout TestConnection) async throws {
        while let head = try await connection.requestHead() {
            func parameter(_ name: String) -> String? {
                let line = head.prefix { $0 != "\r\n" }
                let rest = line.split(separator: "\(name)=").dropFirst().first
                return rest.map { String($0.prefix { $0 != "&" && $0 != " " }) }
            }
            let room = parameter("room") ?? "room"
            let (key, info) = (parameter("as"), parameter("info"))
            if head.contains("/ws") {
                let count = head.firstMatch(of: #/\r\nContent-Length: (\d+)/#).flatMap { Int($0.1) } ?? 0
                let events = count > 0 ? try await connection.bytes(count).map { String(buffer: $0) } ?? "" : ""
                try await connection.respond(
                    "200 OK",
                    ["Content-Type: application/websocket-events", "Sec-WebSocket-Extensions: grip"],
                    Self.answer(events, room: room, key: key, info: info)
                )
            } else {
                let hold = head.contains("/response") ? "response" : "stream"
                var channel = "Grip-Channel: \(room)"
                if let key { channel += "; member=\(key)" }
                if let info { channel += "; member-info=\(info)" }
                try await connection.respond("200 OK", ["Grip-Hold: \(hold)", channel], "[open]\n")
            }
        }
    }

    private static func answer(_ events: String, room: String, key: String?, info: String?) -> String {
        if events.hasPrefix("OPEN") {
            return "OPEN\r\n" + Self.text(Self.subscribe(room, key, info)) + Self.text("m:open")
        }
        if events.hasPrefix("CLOSE") { return events }
        guard let message = events.firstMatch(of: #/TEXT [0-9a-f]+\r\n(\w+) ?(\w*)\r\n/#) else { return "" }
        switch message.1 {
        case "info": return Self.text(Self.subscribe(room, key, String(message.2)))
        case "as": return Self.text(Self.subscribe(room, String(message.2), info))
        case "leave": return Self.text(#"c:{"type":"unsubscribe","channel":"\#(room)"}"#)
        default: return ""
        }
    }

    private static func subscribe(_ room: String, _ key: String?, _ info: String?) -> String {
        var member = ""
        if let key {
            let info = info.map { #","info":"\#($0)""# } ?? ""
            member = #","member":{"key":"\#(key)"\#(info)}"#
        }
        return #"c:{"type":"subscribe","channel":"\#(room)"\#(member)}"#
    }

    private static func text(_ text: String) -> String {
        "TEXT \(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }
}

extension HoldKind {
    /// Joins a room as a member.
    func join(_ client: inout TestConnection, as key: String?, info: String? = nil, room: String = "room") async throws
    {
        let parameters = (key.map { "&as=\($0)" } ?? "") + (info.map { "&info=\($0)" } ?? "")
        switch self {
        case .stream, .response:
            try await client.send("GET /\(self.rawValue)?room=\(room)\(parameters) HTTP/1.1\r\nHost: a\r\n\r\n")
            if self == .stream { #expect(try await client.text(upTo: "[open]\n\r\n") != nil) }
        case .webSocket:
            let isOpen = try await client.openWebSocket("/ws?room=\(room)\(parameters)")
            #expect(isOpen)
            #expect(try await client.frame()?.text == "open")
        }
    }
}

extension GRIPPresenceChange {
    /// What happens, in a line.
    var line: String {
        switch self {
        case .snapshot(let snapshot): snapshot.line
        case .joined(let member): "+\(member.line)"
        case .updated(let member): "~\(member.line)"
        case .left(let member, let reason): "-\(member.key) \(reason)"
        }
    }
}

extension GRIPPresenceSnapshot {
    /// The keys, in order of bytes, and whether these are all.
    var line: String {
        let members = self.members.map(\.line).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return "[\(members.joined(separator: " "))]" + (self.isComplete ? "" : "?")
    }
}

extension GRIPPresenceMember {
    var line: String { self.key + (self.info.map { "(\($0))" } ?? "") }
}

/// Takes the changes of a channel, one after the other.
struct Watcher: ~Copyable {
    private var changes: GRIPPresenceChanges.AsyncIterator

    init(_ channel: String = "room", at presence: any GRIPPresence) {
        self.changes = presence.changes(of: channel).makeAsyncIterator()
    }

    /// The next change in a line, or `nil` after the last one.
    mutating func next() async throws -> String? { try await self.changes.next()?.line }

    /// The reason for which a member leaves, past all other changes; a snapshot may come again at any time.
    mutating func departure(of key: String) async throws -> String? {
        while let change = try await self.changes.next() {
            if case .left(let member, let reason) = change, member.key == key { return "\(reason)" }
        }
        return nil
    }

    /// Follows changes until the members are these, as lines; throws when there are no more changes.
    ///
    /// - Returns: The members after each change.
    mutating func follow(until isThere: (Set<String>) -> Bool) async throws {
        var members: Set<String> = []
        while let change = try await self.changes.next() {
            switch change {
            case .snapshot(let snapshot): members = Set(snapshot.members.map(\.line))
            case .joined(let member): #expect(members.insert(member.line).inserted, "\(member.key) joins twice")
            case .updated(let member):
                members = members.filter { $0.prefix { $0 != "(" } != member.key }
                members.insert(member.line)
            case .left(let member, _): members = members.filter { $0.prefix { $0 != "(" } != member.key }
            }
            if isThere(members) { return }
        }
        Issue.record("The changes end with \(members)")
    }
}
