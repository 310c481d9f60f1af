import GRIP
import GRIPEngine
import Testing

@Suite("The members of one instance") struct OwnMembersTests {
    @Test("They join with the first connection and leave a while after the last")
    func connections() throws {
        var conversation = RosterConversation()
        #expect(try conversation.watch() == ["all: nobody"])
        #expect(try conversation.join("alice", connection: 1) == [])
        #expect(conversation.advance(.milliseconds(20)) == ["joined alice@0"])
        #expect(try conversation.join("alice", connection: 2) == [])
        #expect(conversation.advance(.seconds(2)) == [])
        #expect(conversation.snapshot == "all: alice@0*2")
        #expect(conversation.leave(1) == [])
        #expect(conversation.advance(.seconds(60)) == [])
        #expect(conversation.leave(2, reason: .timedOut) == [])
        #expect(conversation.advance(.milliseconds(14_999)) == [])
        #expect(
            conversation.advance(.milliseconds(21)) == [
                "departed alice from room: timedOut, 2 []", "left alice@0: timedOut",
            ]
        )
        #expect(conversation.snapshot == "all: nobody")
        #expect(conversation.roster.numbers.members == 0)
    }

    @Test("Who comes back in time has never left, however often")
    func linger() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch()
        _ = try conversation.join("alice", connection: 1)
        #expect(conversation.advance(.seconds(1)) == ["joined alice@0"])
        for connection in 2..<20 as Range<UInt64> {
            #expect(conversation.leave(connection - 1) == [])
            #expect(conversation.advance(.milliseconds(14_990)) == [])
            #expect(try conversation.join("alice", connection: connection) == [])
            #expect(conversation.advance(.milliseconds(10)) == [])
        }
        #expect(conversation.advance(.seconds(600)) == [])
        #expect(conversation.snapshot == "all: alice@0")
    }

    @Test("Nobody is waited for who was unsubscribed, or without a linger", arguments: [true, false])
    func atOnce(lingers: Bool) throws {
        var conversation = RosterConversation(.init(linger: lingers ? .zero : .seconds(15)))
        _ = try conversation.watch()
        _ = try conversation.join("alice", meta: ["old": "1"])
        _ = conversation.advance(.seconds(1))
        #expect(
            conversation.leave(lingers: lingers, meta: ["user": "1"])
                == [#"departed alice from room: closed, 1 ["user=1"]"#]
        )
        #expect(conversation.advance(.milliseconds(20)) == ["left alice@0: closed"])
    }

    @Test("Who comes and goes while changes are gathered is not told of")
    func net() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch()
        _ = try conversation.join("alice")
        #expect(conversation.leave(lingers: false) == ["departed alice from room: closed, 1 []"])
        #expect(conversation.advance(.seconds(60)) == [])
        _ = try conversation.join("alice", connection: 2)
        _ = conversation.advance(.seconds(1))
        _ = conversation.leave(2, lingers: false)
        _ = try conversation.join("alice", connection: 3, info: "x")
        #expect(conversation.advance(.seconds(1)) == ["updated alice:x@61000"])
    }

    @Test("A new info is told, the same one is not, and a connection may become another member")
    func updates() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch()
        _ = try conversation.join("alice", info: "1")
        #expect(conversation.advance(.seconds(1)) == ["joined alice:1@0"])
        #expect(try conversation.join("alice", info: "1") == [])
        #expect(conversation.advance(.seconds(2)) == [])
        _ = try conversation.join("alice", info: "2")
        #expect(conversation.advance(.seconds(1)) == ["updated alice:2@0"])
        #expect(conversation.snapshot == "all: alice:2@0")
        #expect(try conversation.join("bob") == ["departed alice:2 from room: closed, 1 []"])
        #expect(conversation.advance(.seconds(1)) == ["left alice:2@0: closed", "joined bob@4000"])
        #expect(conversation.leave(lingers: false) == ["departed bob from room: closed, 1 []"])
    }

    @Test("A kick ends all connections of the key on the channel, and nobody waits")
    func kick() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch()
        _ = try conversation.join("alice", connection: 1, meta: ["a": "1"])
        _ = try conversation.join("alice", connection: 2, meta: ["a": "2"])
        _ = try conversation.join("bob", connection: 3)
        _ = try conversation.join("alice", on: "other", connection: 4)
        _ = conversation.advance(.seconds(1))
        #expect(
            conversation.kick("alice")
                == ["end 1 on room", "end 2 on room", #"departed alice from room: kicked, 2 ["a=2"]"#]
        )
        #expect(conversation.leave(1, reason: .kicked) == [])
        #expect(conversation.leave(2, reason: .kicked) == [])
        #expect(conversation.advance(.seconds(60)) == ["left alice@0*2: kicked"])
        #expect(conversation.kick("alice") == [])
        #expect(conversation.kick("alice", from: "nowhere") == [])
        #expect(conversation.roster.numbers.members == 2)
    }

    @Test("A member that is waited for is kicked too, and one that comes back stays")
    func kickWhileWaiting() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch()
        _ = try conversation.join("alice", connection: 1)
        _ = conversation.advance(.seconds(1))
        _ = conversation.leave(1, meta: ["a": "1"])
        #expect(conversation.kick("alice") == [#"departed alice from room: kicked, 1 ["a=1"]"#])
        _ = try conversation.join("alice", connection: 2)
        #expect(conversation.advance(.seconds(60)) == [])
        #expect(conversation.snapshot == "all: alice@1000")
    }

    @Test("A channel has as many members as it may; their connections count on, and others are left aside")
    func limit() throws {
        var conversation = RosterConversation(.init(linger: .zero, maximumMembers: 2))
        _ = try conversation.watch()
        _ = try conversation.join("a", connection: 1)
        _ = try conversation.join("b", connection: 2)
        _ = try conversation.join("c", connection: 3)
        _ = try conversation.join("a", connection: 4)
        #expect(conversation.advance(.seconds(1)) == ["joined a@0*2", "joined b@0"])
        #expect(conversation.roster.numbers.refusedMembers == 1)
        #expect(conversation.leave(3) == [])
        _ = conversation.leave(2)
        _ = try conversation.join("0", connection: 5)
        // There is room for who comes when who leaves is told in the same moment.
        #expect(conversation.advance(.seconds(1)) == ["left b@0: closed", "joined 0@1000"])
        #expect(try conversation.join("d", on: "other", connection: 1) == [])
        #expect(conversation.roster.numbers.members == 3)
    }

    @Test("Texts that only look the same are different members and channels")
    func bytes() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch("\u{E9}")
        _ = try conversation.join("\u{E9}", on: "\u{E9}", connection: 1)
        _ = try conversation.join("e\u{301}", on: "\u{E9}", connection: 2)
        _ = try conversation.join("a", on: "e\u{301}", connection: 3)
        #expect(conversation.advance(.seconds(1)).count == 2)
        #expect(conversation.roster.numbers.members == 3)
    }

    @Test("A channel is forgotten when all have left and that is told")
    func forgotten() throws {
        var conversation = RosterConversation(.init(linger: .zero))
        for number in 0..<100 as Range<UInt64> {
            _ = try conversation.join("alice", on: "room-\(number)", connection: number)
        }
        _ = conversation.advance(.seconds(1))
        for number in 0..<100 as Range<UInt64> { _ = conversation.leave(number, from: "room-\(number)") }
        _ = conversation.advance(.seconds(1))
        #expect(conversation.roster.numbers.channels == 0)
        #expect(conversation.roster.nextDeadline == nil)
    }
}

@Suite("The end of an instance") struct PresenceShutdownTests {
    @Test("Its members depart as their connections end, and those who are waited for at once; others keep them")
    func end() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.join("alice", connection: 1)
        _ = try conversation.join("alice", connection: 2)
        _ = try conversation.join("bob", connection: 3)
        _ = try conversation.join("carol", connection: 4)
        _ = conversation.advance(.milliseconds(20))
        _ = conversation.leave(3, reason: .timedOut)
        conversation.showsHeartbeats = true
        #expect(
            conversation.shutDown() == ["departed bob from room: timedOut, 3 []", "alive, lost 0, grace 10.0 seconds"]
        )
        conversation.showsHeartbeats = false
        #expect(conversation.shutDown() == [])
        #expect(conversation.leave(1, reason: .shutdown) == [])
        #expect(conversation.leave(2, reason: .shutdown) == ["departed alice from room: shutdown, 2 []"])
        // Who goes by itself meanwhile is gone.
        #expect(conversation.leave(4) == ["departed carol from room: closed, 4 []"])
        #expect(conversation.advance(.seconds(2)) == ["room 3 after 2: -carol closed"])
        _ = conversation.receive(.question(channel: "room", of: nil), from: 7)
        #expect(conversation.advance(.milliseconds(20)) == ["room 3: alice*2, bob"])
    }

    @Test("Without a grace nothing is told after the end")
    func noGrace() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.join("alice", connection: 1)
        _ = conversation.advance(.milliseconds(20))
        conversation.showsHeartbeats = true
        #expect(conversation.shutDown(grace: .zero) == ["alive, lost 0, grace 0.0 seconds"])
        #expect(conversation.leave(1, reason: .shutdown) == ["departed alice from room: shutdown, 1 []"])
        _ = conversation.receive(.question(channel: "room", of: nil), from: 7)
        #expect(conversation.advance(.seconds(10)) == [])
    }

    @Test("An instance without a bus ends too")
    func alone() throws {
        var conversation = RosterConversation()
        _ = try conversation.join("alice")
        #expect(conversation.shutDown() == [])
        #expect(conversation.leave(reason: .shutdown) == ["departed alice from room: shutdown, 1 []"])
    }
}
