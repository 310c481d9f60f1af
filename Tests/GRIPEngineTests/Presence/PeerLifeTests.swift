import GRIP
import GRIPEngine
import Testing

@Suite("The life of other instances") struct PeerLifeTests {
    /// A roster that watches a channel on which instance 2 has somebody.
    private static func watching(_ keys: String = "alice") throws -> RosterConversation {
        var conversation = try RosterConversation.connected(peers: [2])
        _ = try conversation.watch()
        #expect(conversation.receive(try .list(1, keys), from: 2) == ["all: \(keys)@0"])
        return conversation
    }

    @Test("One that falls silent is suspected, then lost with its members, and is asked when it is heard again")
    func silence() throws {
        var conversation = try Self.watching()
        #expect(conversation.advance(.seconds(9)) == [])
        // Suspicion is looked at with each heartbeat, and told when it lasts.
        #expect(conversation.advance(.seconds(5)) == ["some: alice@0"])
        #expect(conversation.advance(.seconds(15)) == [])
        #expect(conversation.advance(.seconds(2)) == ["left alice@0: instanceLost", "all: nobody"])
        #expect(conversation.roster.numbers.peers == 0)
        #expect(conversation.receive(.alive(lost: 0, grace: nil), from: 2) == [])
        #expect(conversation.advance(.milliseconds(900)) == ["ask 2 about room"])
        #expect(conversation.receive(try .list(1, "alice"), from: 2) == ["joined alice@0"])
    }

    @Test("Any message shows that it is there")
    func messages() throws {
        var conversation = try Self.watching()
        let messages: [PresenceMessage.Content] = [
            .alive(lost: 0, grace: nil), .question(channel: "other", of: [7]), .kick(channel: "x", key: "y"),
            try .list(1, "alice"), .changes(1, after: 0),
        ]
        for index in 0..<50 {
            #expect(conversation.receive(messages[index % messages.count], from: 2) == [])
            #expect(conversation.advance(.seconds(9)) == [])
        }
        #expect(conversation.snapshot == "all: alice@0")
    }

    @Test("One that ends keeps its members until the grace is over; those who are elsewhere by then have not left")
    func goodbye() throws {
        var conversation = try Self.watching()
        _ = try conversation.join("bob", connection: 9)
        _ = conversation.receive(
            .changes(2, after: 1, .set(try PresenceEntry("bob")), .set(try PresenceEntry("carol"))),
            from: 2
        )
        _ = conversation.advance(.seconds(1))
        #expect(conversation.receive(.alive(lost: 0, grace: .seconds(10)), from: 2) == [])
        #expect(conversation.advance(.seconds(5)) == [])
        // It takes its time to end, and says so.
        #expect(conversation.receive(.alive(lost: 0, grace: .seconds(10)), from: 2) == [])
        #expect(conversation.advance(.seconds(9)) == [])
        #expect(try conversation.join("carol", connection: 10) == [])
        #expect(conversation.advance(.seconds(3)) == ["room 3 after 2: +carol", "left alice@0: moved"])
        #expect(conversation.snapshot == "all: bob@3000, carol@18000")
    }

    @Test("One that ends and is not waited for takes its members along, and is not heard any more")
    func goodbyeAtOnce() throws {
        var conversation = try Self.watching()
        #expect(conversation.receive(.alive(lost: 0, grace: .zero), from: 2) == ["left alice@0: shutdown"])
        #expect(conversation.receive(try .list(5, "alice"), from: 2) == [])
        #expect(conversation.receive(.alive(lost: 0, grace: .zero), from: 2) == [])
        #expect(conversation.advance(.seconds(60)) == [])
        #expect(conversation.roster.numbers.peers == 0)
    }

    @Test("What the bus of another instance did not take is asked for")
    func lost() throws {
        var conversation = try Self.watching()
        #expect(conversation.receive(.alive(lost: 1, grace: nil), from: 2) == [])
        #expect(conversation.advance(.seconds(3)) == [])
        #expect(conversation.receive(.alive(lost: 3, grace: nil), from: 2) == [])
        #expect(conversation.advance(.milliseconds(900)) == ["ask 2 about room"])
        #expect(conversation.receive(try .list(3, "bob"), from: 2) == ["left alice@0: closed", "joined bob@0"])
        #expect(conversation.receive(.alive(lost: 3, grace: nil), from: 2) == [])
        #expect(conversation.advance(.seconds(3)) == [])
    }

    @Test("A new instance is asked about all that is watched")
    func new() throws {
        var conversation = try RosterConversation.connected()
        for number in 0..<10 { _ = try conversation.watch("room-\(number)") }
        _ = conversation.advance(.seconds(5))
        _ = conversation.receive(.alive(lost: 0, grace: nil), from: 2)
        let lines = conversation.advance(.seconds(2)).filter { $0.hasPrefix("ask") }
        #expect(Set(lines) == Set((0..<10).map { "ask 2 about room-\($0)" }))
    }

    @Test("There are as many as may be; what others say is counted, and snapshots are not complete")
    func limit() throws {
        var conversation = try RosterConversation.connected(.init(maximumPeers: 1), peers: [2])
        _ = try conversation.watch()
        _ = conversation.receive(try .list(1, "alice"), from: 2)
        #expect(conversation.receive(try .list(1, "bob"), from: 3) == [])
        #expect(conversation.roster.numbers.ignoredMessages == 1)
        #expect(conversation.advance(.seconds(4)) == ["some: alice@0"])
    }

    @Test("A pause of this process is no silence of the others")
    func pause() throws {
        var conversation = try Self.watching()
        conversation.now = conversation.now + .seconds(300)
        #expect(conversation.lines(conversation.roster.wake(at: conversation.now)) == [])
        #expect(conversation.advance(.seconds(9)) == [])
        #expect(conversation.advance(.seconds(5)) == ["some: alice@0"])
    }

    @Test("What an instance hears of itself counts for nothing")
    func echo() throws {
        var conversation = try Self.watching()
        #expect(conversation.receive(try .list(9, "eve"), from: 1) == [])
        #expect(conversation.receive(.kick(channel: "elsewhere", key: "own"), from: 1) == [])
        #expect(conversation.snapshot == "all: alice@0")
    }
}

@Suite("What an instance tells others") struct PresenceTellingTests {
    @Test("It takes part from its first member or watcher on, and says each second that it is there")
    func takingPart() throws {
        var conversation = RosterConversation(hasBus: true)
        conversation.showsHeartbeats = true
        #expect(conversation.connect() == [])
        #expect(conversation.roster.nextDeadline == nil)
        #expect(conversation.receive(.question(channel: "room", of: nil), from: 2) == [])
        #expect(try conversation.join("alice") == ["attend all", "alive, lost 0"])
        #expect(conversation.advance(.seconds(2)) == ["room 1: alice", "alive, lost 0", "alive, lost 0"])
    }

    @Test("Changes are gathered and numbered over all channels, each with the number before it on its channel")
    func numbers() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.join("alice", connection: 1)
        _ = try conversation.join("bob", connection: 2, info: "x")
        #expect(conversation.advance(.milliseconds(20)) == ["room 2: alice, bob:x"])
        _ = try conversation.join("eve", on: "other", connection: 3)
        #expect(conversation.advance(.milliseconds(20)) == ["other 3: eve"])
        _ = conversation.leave(1, lingers: false)
        _ = try conversation.join("carol", connection: 4)
        #expect(
            conversation.advance(.milliseconds(20)) == ["room 4 after 2: -alice closed, +carol"]
        )
        for connection in [2, 4] as [UInt64] { _ = conversation.leave(connection, lingers: false) }
        #expect(conversation.advance(.milliseconds(20)) == ["room 5 after 4: -bob closed, -carol closed"])
        // Others know of nobody there, and may have forgotten the number.
        _ = try conversation.join("dave", connection: 5)
        #expect(conversation.advance(.milliseconds(20)) == ["room 6: dave"])
    }

    @Test("Numbers of connections are told once a second at most, and not where they are what they were")
    func counts() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.join("alice", connection: 1)
        _ = conversation.advance(.milliseconds(20))
        for connection in 2..<10 as Range<UInt64> { _ = try conversation.join("alice", connection: connection) }
        #expect(conversation.advance(.milliseconds(999)) == [])
        #expect(conversation.advance(.milliseconds(1)) == ["room 3 after 2: +alice*9"])
        _ = conversation.leave(2)
        #expect(conversation.advance(.milliseconds(500)) == [])
        _ = try conversation.join("alice", connection: 2)
        #expect(conversation.advance(.seconds(10)) == [])
    }

    @Test("Questions are answered, also with nobody, and several of one moment once")
    func answers() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.join("alice", connection: 1)
        _ = conversation.advance(.milliseconds(20))
        for owner in 2..<5 as Range<UInt64> {
            #expect(conversation.receive(.question(channel: "room", of: nil), from: owner) == [])
        }
        _ = conversation.receive(.question(channel: "nobody", of: [1]), from: 2)
        _ = conversation.receive(.question(channel: "not-asked", of: [3]), from: 2)
        #expect(conversation.advance(.milliseconds(19)) == [])
        #expect(conversation.advance(.milliseconds(1)).sorted() == ["nobody 2: ", "room 2: alice"])
        #expect(conversation.advance(.milliseconds(500)) == [])
    }

    @Test("Who asks too much at once is not answered, and may ask again")
    func manyQuestions() throws {
        var conversation = try RosterConversation.connected()
        for number in 0..<10_050 { _ = conversation.receive(.question(channel: "\(number)", of: nil), from: 2) }
        #expect(conversation.advance(.milliseconds(20)).count == 10_000)
        _ = conversation.receive(.question(channel: "10049", of: nil), from: 2)
        #expect(conversation.advance(.milliseconds(20)) == ["10049 1: "])
    }

    @Test("What the bus does not take, or cannot, is told of with the heartbeat")
    func refused() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.join("alice")
        for action in conversation.roster.wake(at: conversation.now + .milliseconds(20)) {
            if case .publish(let message) = action { conversation.roster.refused(message) }
        }
        conversation.showsHeartbeats = true
        #expect(conversation.advance(.seconds(1)).contains("alive, lost 2"))
        #expect(conversation.connect(false) == [])
        _ = try conversation.join("bob", connection: 2)
        #expect(conversation.advance(.seconds(5)) == [])
        #expect(conversation.connect() == ["alive, lost 3"])
        _ = conversation.receive(.question(channel: "room", of: nil), from: 2)
        #expect(conversation.advance(.milliseconds(20)) == ["room 3: alice, bob"])
    }

    @Test("A kick is told to all, also without a connection, so that its refusal is seen; and it is followed")
    func kick() throws {
        var conversation = try RosterConversation.connected()
        #expect(conversation.kick("nobody") == ["kick nobody from room"])
        _ = try conversation.join("alice", connection: 3)
        _ = conversation.advance(.seconds(1))
        #expect(
            conversation.receive(.kick(channel: "room", key: "alice"), from: 2)
                == ["end 3 on room", "departed alice from room: kicked, 3 []"]
        )
        #expect(conversation.advance(.milliseconds(20)) == ["room 3 after 2: -alice kicked"])
        _ = conversation.connect(false)
        #expect(conversation.kick("alice") == ["kick alice from room"])
    }

    @Test("A channel of the bus is attended once for all watchers and ignored a while after the last")
    func interest() throws {
        var conversation = try RosterConversation.connected()
        #expect(try conversation.watch() == ["all: nobody", "attend c/room", "ask all about room"])
        #expect(try conversation.watch() == ["all: nobody"])
        _ = conversation.unwatch()
        _ = conversation.unwatch()
        #expect(conversation.advance(.seconds(20)) == [])
        #expect(try conversation.watch() == ["all: nobody"])
        _ = conversation.unwatch()
        #expect(conversation.advance(.seconds(30)) == ["ignore c/room"])
        #expect(conversation.receive(try .list(1, "a"), from: 2) == [])
        // What others tell of a channel that is not watched is not kept.
        #expect(try conversation.watch() == ["attend c/room", "ask all about room"])
    }
}
