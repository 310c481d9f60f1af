import GRIP
import NIOCore
import Testing

@Suite("Presence as values") struct PresenceValueTests {
    private static func member(_ key: String, _ since: Int, info: String? = nil) throws -> GRIPPresenceMember {
        GRIPPresenceMember(try GRIPMember(key, info: info), sinceMilliseconds: since, connections: 2)
    }

    @Test("A snapshot has its members in the order in which they joined, and then by the bytes of their keys")
    func order() throws {
        let members = [
            try Self.member("b", 2), try Self.member("é", 1), try Self.member("z", 1), try Self.member("a", 3),
        ]
        let snapshot = GRIPPresenceSnapshot(channel: "room", members: members, isComplete: true)
        #expect(snapshot.members.map(\.key) == ["z", "é", "b", "a"])
    }

    @Test("A member has at least one connection")
    func connections() throws {
        #expect(GRIPPresenceMember(try GRIPMember("a"), sinceMilliseconds: 0, connections: 0).connections == 1)
    }

    @Test("JSON has one line for a snapshot and for each change")
    func json() throws {
        let alice = try Self.member("alice", 1_764_561_600_000, info: #"{"name":"A"}"#)
        let snapshot = GRIPPresenceSnapshot(
            channel: "room \"1\"",
            members: [alice, try Self.member("bob", 1_764_561_600_001)],
            isComplete: false
        )
        let vectors: [(change: GRIPPresenceChange, name: String, json: String)] = [
            (
                .snapshot(snapshot), "snapshot",
                #"{"channel":"room \"1\"","complete":false,"members":[{"key":"alice","info":"{\"name\":\"A\"}","#
                    + #""since":1764561600000,"connections":2},"#
                    + #"{"key":"bob","since":1764561600001,"connections":2}]}"#
            ),
            (
                .joined(alice), "joined",
                #"{"key":"alice","info":"{\"name\":\"A\"}","since":1764561600000,"connections":2}"#
            ),
            (.updated(try Self.member("a", 1)), "updated", #"{"key":"a","since":1,"connections":2}"#),
            (
                .left(try Self.member("a", 1), .timedOut), "left",
                #"{"key":"a","since":1,"connections":2,"reason":"timedOut"}"#
            ),
        ]
        for (change, name, json) in vectors {
            #expect(change.name == name)
            #expect(String(buffer: change.json) == json)
        }
    }

    @Test("Reasons are words")
    func reasons() {
        let words = ["closed", "timedOut", "overflow", "kicked", "moved", "shutdown", "instanceLost"]
        #expect(GRIPDepartureReason.allCases.map(\.description) == words)
        for reason in GRIPDepartureReason.allCases { #expect(GRIPDepartureReason(reason.description) == reason) }
        #expect(GRIPDepartureReason("other") == nil)
    }

    @Test("Errors say what to do")
    func errors() {
        let errors: [GRIPPresenceError] = [
            .unavailable(reason: "why"), .tooManyWatchers(limit: 7), .tooManyChannels(limit: 7),
            .notToldOthers(reason: .full),
        ]
        let words = ["why", "7", "7", "full"]
        for (error, word) in zip(errors, words) { #expect("\(error)".contains(word)) }
    }
}

@Suite("A sequence of changes") struct PresenceChangesTests {
    /// Counts, then ends or throws.
    private struct Numbers: AsyncSequence, Sendable {
        typealias Element = GRIPPresenceChange
        typealias Failure = GRIPPresenceError

        let count: Int
        let error: GRIPPresenceError?

        struct Iterator: AsyncIteratorProtocol {
            var number = 0
            let sequence: Numbers

            mutating func next() async throws(GRIPPresenceError) -> GRIPPresenceChange? {
                try await self.next(isolation: nil)
            }

            mutating func next(
                isolation actor: isolated (any Actor)?
            ) async throws(GRIPPresenceError) -> GRIPPresenceChange? {
                guard self.number < self.sequence.count else {
                    if let error = self.sequence.error { throw error }
                    return nil
                }
                self.number += 1
                return .snapshot(GRIPPresenceSnapshot(channel: "\(self.number)", members: [], isComplete: true))
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }
    }

    private static func channels(_ changes: GRIPPresenceChanges) async throws(GRIPPresenceError) -> [String] {
        var channels: [String] = []
        for try await change in changes {
            if case .snapshot(let snapshot) = change { channels.append(snapshot.channel) }
        }
        return channels
    }

    @Test("It is what it wraps, from the beginning for each iteration")
    func wrapped() async throws {
        let changes = GRIPPresenceChanges(Numbers(count: 2, error: nil))
        #expect(try await Self.channels(changes) == ["1", "2"])
        #expect(try await Self.channels(changes) == ["1", "2"])
    }

    @Test("It throws what it wraps throws, or at once")
    func throwing() async {
        let error = GRIPPresenceError.unavailable(reason: "x")
        await #expect(throws: error) { try await Self.channels(GRIPPresenceChanges(Numbers(count: 1, error: error))) }
        await #expect(throws: error) { try await Self.channels(GRIPPresenceChanges(throwing: error)) }
    }
}
