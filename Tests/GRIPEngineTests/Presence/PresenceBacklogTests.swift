import GRIP
import GRIPEngine
import Testing

@Suite("What waits for a watcher of members") struct PresenceBacklogTests {
    private static func joined(_ number: Int) throws -> GRIPPresenceChange {
        .joined(GRIPPresenceMember(try GRIPMember("\(number)"), sinceMilliseconds: number))
    }

    private static let snapshot = GRIPPresenceChange.snapshot(
        GRIPPresenceSnapshot(channel: "room", members: [], isComplete: true)
    )

    @Test("Changes come out in their order")
    func order() throws {
        var backlog = PresenceBacklog()
        #expect(backlog.isEmpty)
        expect(backlog.add([try Self.joined(1), try Self.joined(2)]), true)
        expect(backlog.add([try Self.joined(3)]), true)
        #expect(!backlog.isEmpty)
        for number in 1...3 { expect(backlog.next(), .change(try Self.joined(number))) }
        expect(backlog.next(), nil)
    }

    @Test("A snapshot takes the place of one that waits and of what is between them; what stands before is told")
    func snapshots() throws {
        var backlog = PresenceBacklog(limit: 3)
        expect(backlog.add([try Self.joined(1), Self.snapshot]), true)
        expect(backlog.next(), .change(try Self.joined(1)))
        expect(backlog.add([try Self.joined(2), Self.snapshot, try Self.joined(3)]), true)
        expect(backlog.next(), .change(Self.snapshot))
        expect(backlog.next(), .change(try Self.joined(3)))
        expect(backlog.next(), nil)
    }

    @Test("At the limit all waits, beyond it nothing does until there is a new snapshot")
    func limit() throws {
        var backlog = PresenceBacklog(limit: 3)
        expect(backlog.add([try Self.joined(1), try Self.joined(2), try Self.joined(3)]), true)
        expect(backlog.add([try Self.joined(4)]), false)
        expect(backlog.add([try Self.joined(5)]), false)
        #expect(!backlog.isEmpty)
        expect(backlog.next(), .snapshotNeeded)
        #expect(backlog.isEmpty)
        expect(backlog.next(), nil)
        expect(backlog.add([try Self.joined(6)]), true)
        expect(backlog.next(), .change(try Self.joined(6)))
    }
}
