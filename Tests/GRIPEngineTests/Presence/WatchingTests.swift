import GRIP
import GRIPEngine
import Testing

@Suite("Watching a channel") struct WatchingTests {
    @Test("A new watcher knows who is there")
    func first() throws {
        var conversation = RosterConversation()
        _ = try conversation.join("alice", info: "x")
        _ = conversation.advance(.seconds(1))
        #expect(try conversation.watch() == ["all: alice:x@0"])
        #expect(try conversation.watch() == ["all: alice:x@0"])
        #expect(conversation.snapshot == "all: alice:x@0")
        #expect(conversation.roster.numbers.watchers == 2)
    }

    @Test("Nobody is told where nobody watches, also of a channel that stays watched for a while")
    func unwatched() throws {
        var conversation = RosterConversation()
        _ = try conversation.watch()
        #expect(conversation.unwatch() == [])
        #expect(conversation.unwatch() == [])
        _ = try conversation.join("alice")
        #expect(conversation.advance(.seconds(29)) == [])
        #expect(conversation.roster.numbers.watchedChannels == 1)
        #expect(try conversation.watch() == ["all: alice@0"])
        _ = conversation.unwatch()
        #expect(conversation.advance(.seconds(29)) == [])
        #expect(conversation.snapshot == "all: alice@0")
        #expect(conversation.advance(.seconds(1)) == [])
        #expect(conversation.snapshot == "not watched")
        #expect(conversation.roster.numbers.watchers == 0)
    }

    @Test("There are as many watchers and channels as may be; channels without watchers make room")
    func limits() throws {
        var conversation = RosterConversation(.init(maximumWatchers: 3, maximumWatchedChannels: 2))
        _ = try conversation.watch("a")
        _ = try conversation.watch("b")
        #expect(throws: GRIPPresenceError.tooManyChannels(limit: 2)) { _ = try conversation.watch("c") }
        _ = try conversation.watch("b")
        #expect(throws: GRIPPresenceError.tooManyWatchers(limit: 3)) { _ = try conversation.watch("b") }
        #expect(conversation.roster.numbers.refusedWatchers == 2)
        _ = conversation.unwatch("a")
        #expect(try conversation.watch("c") == ["all: nobody"])
        #expect(conversation.roster.numbers.watchedChannels == 2)
        #expect(conversation.roster.numbers.watchers == 3)
    }
}

@Suite("Members of other instances") struct PeerMembersTests {
    @Test("A channel is attended, others are asked, and the snapshot waits for those who are known")
    func watch() throws {
        var conversation = try RosterConversation.connected(peers: [2, 3])
        #expect(try conversation.watch() == ["attend c/room", "ask all about room"])
        #expect(conversation.receive(try .list(4, "alice"), from: 2) == [])
        #expect(conversation.receive(try .list(0), from: 3) == ["all: alice@0"])
        #expect(
            conversation.receive(.changes(5, after: 4, .set(try PresenceEntry("bob"))), from: 2) == ["joined bob@0"]
        )
        #expect(
            conversation.receive(.changes(6, after: 5, .removed("bob", .overflow)), from: 2) == ["left bob@0: overflow"]
        )
        #expect(try conversation.watch() == ["all: alice@0"])
        #expect(conversation.advance(.seconds(2)) == [])
    }

    @Test("The snapshot does not wait for ever, and who does not answer is asked again, ever less often")
    func silence() throws {
        var conversation = try RosterConversation.connected(peers: [2])
        _ = try conversation.watch()
        var lines: [String] = []
        for _ in 0..<20 {
            _ = conversation.receive(.alive(lost: 0, grace: nil), from: 2)
            lines += conversation.advance(.seconds(1))
        }
        let question = "ask 2 about room"
        #expect(lines == [question, question, "some: nobody", question, question])
        #expect(conversation.receive(try .list(9, "alice"), from: 2) == ["joined alice@0", "all: alice@0"])
    }

    @Test("Nobody is sure of all before all could be heard")
    func listening() throws {
        var conversation = RosterConversation(hasBus: true)
        #expect(conversation.connect() == [])
        #expect(try conversation.watch() == ["attend all", "attend c/room", "ask all about room"])
        #expect(conversation.advance(.milliseconds(2499)) == [])
        #expect(conversation.advance(.milliseconds(1)) == ["all: nobody"])
    }

    @Test("Without a connection the snapshot is not complete, and is when there is one and all have answered")
    func disconnected() throws {
        var conversation = RosterConversation(hasBus: true)
        #expect(try conversation.watch() == ["attend all", "attend c/room"])
        #expect(conversation.advance(.seconds(3)) == ["some: nobody"])
        #expect(conversation.connect() == [])
        #expect(conversation.advance(.milliseconds(0)) == ["ask all about room"])
        #expect(conversation.receive(try .list(1, "alice"), from: 2) == ["joined alice@0"])
        #expect(conversation.advance(.milliseconds(2500)) == ["all: alice@0"])
        #expect(conversation.connect(false) == [])
        #expect(conversation.advance(.milliseconds(2999)) == [])
        #expect(conversation.advance(.milliseconds(1)) == ["some: alice@0"])
        // Others may be there however long this instance hears nobody.
        #expect(conversation.advance(.seconds(600)) == [])
        #expect(conversation.connect() == [])
        #expect(conversation.advance(.milliseconds(900)) == ["ask all about room"])
        _ = conversation.receive(try .list(1, "alice"), from: 2)
        #expect(conversation.advance(.milliseconds(1600)) == ["all: alice@0"])
    }

    @Test("A moment of doubt is not told, except to who comes then")
    func doubt() throws {
        var conversation = try RosterConversation.connected(peers: [2])
        _ = try conversation.watch()
        _ = conversation.receive(try .list(1, "alice"), from: 2)
        #expect(conversation.missed(.channels([PresenceBusChannel.changes(of: "room"), "other"], .hole)) == [])
        #expect(conversation.advance(.seconds(1)) == ["ask all about room"])
        #expect(conversation.receive(try .list(3, "bob"), from: 2) == ["left alice@0: closed", "joined bob@0"])
        #expect(conversation.missed(.all(.overflow)) == [])
        #expect(try conversation.watch() == ["some: bob@0", "some: bob@0"])
        _ = conversation.receive(.alive(lost: 0, grace: nil), from: 2)
        #expect(conversation.advance(.seconds(2)) == ["ask all about room", "ask 2 about room"])
        #expect(conversation.receive(try .list(3, "bob"), from: 2) == ["all: bob@0"])
    }

    @Test("A hole is noticed, and what has been told before is not taken again")
    func numbers() throws {
        var conversation = try RosterConversation.connected(peers: [2])
        _ = try conversation.watch()
        _ = conversation.receive(try .list(4, "alice"), from: 2)
        let bob = PresenceEdit.set(try PresenceEntry("bob"))
        #expect(conversation.receive(.changes(4, after: 3, .removed("alice", .closed)), from: 2) == [])
        #expect(conversation.receive(.changes(9, after: 7, bob), from: 2) == [])
        #expect(conversation.advance(.seconds(1)) == ["ask 2 about room"])
        #expect(conversation.receive(.changes(7, after: 4, bob), from: 2) == ["joined bob@0"])
        #expect(conversation.receive(try .list(3, "carol"), from: 2) == [])
        #expect(conversation.receive(try .list(9, "bob:x"), from: 2) == ["left alice@0: closed", "updated bob:x@0"])
        #expect(conversation.receive(try .list(9, "bob:x"), from: 2) == [])
    }

    @Test("Who has told nothing before is asked when it tells of changes")
    func unknown() throws {
        var conversation = try RosterConversation.connected()
        _ = try conversation.watch()
        _ = conversation.advance(.seconds(5))
        #expect(conversation.receive(.changes(9, after: 7, .removed("a", .closed)), from: 2) == [])
        #expect(conversation.advance(.milliseconds(900)) == ["ask 2 about room"])
    }

    @Test("A long list comes in parts, and one part that is missing spoils it")
    func parts() throws {
        func part(_ index: Int, of count: Int, _ number: Int, _ key: String) throws -> PresenceMessage.Content {
            .snapshot(channel: "room", number: number, part: index, parts: count, [try PresenceEntry(key)])
        }
        var conversation = try RosterConversation.connected(peers: [2])
        _ = try conversation.watch()
        #expect(conversation.receive(try part(0, of: 3, 5, "a"), from: 2) == [])
        #expect(conversation.receive(try part(1, of: 3, 5, "b"), from: 2) == [])
        #expect(conversation.receive(try part(2, of: 3, 5, "c"), from: 2) == ["all: a@0, b@0, c@0"])
        #expect(conversation.receive(try part(0, of: 3, 6, "d"), from: 2) == [])
        #expect(conversation.receive(try part(2, of: 3, 6, "e"), from: 2) == [])
        #expect(conversation.advance(.seconds(1)) == ["ask 2 about room"])
        #expect(conversation.receive(try part(0, of: 2, 6, "d"), from: 2) == [])
        #expect(conversation.receive(try part(1, of: 2, 7, "e"), from: 2) == [])
        #expect(conversation.snapshot == "all: a@0, b@0, c@0")
    }

    @Test("Own lists are told in parts too, and are read back")
    func ownParts() throws {
        var conversation = try RosterConversation.connected()
        let info = String(repeating: "i", count: 1000)
        for number in 0..<100 { _ = try conversation.join("m\(number)", connection: UInt64(number), info: info) }
        var contents: [PresenceMessage.Content] = []
        for action in conversation.roster.wake(at: conversation.now + .milliseconds(20)) {
            if case .publish(let message) = action { contents.append(message.content) }
        }
        #expect(contents.count > 2)
        var other = try RosterConversation.connected(peers: [2])
        _ = try other.watch()
        let lines = contents.map { other.receive($0, from: 2) }
        #expect(Array(lines.dropLast().joined()) == [])
        #expect(lines.last?.first?.utf8.count(where: { $0 == UInt8(ascii: "@") }) == 100)
    }

    @Test("Of another instance only so many members are taken, and the snapshot says so")
    func limit() throws {
        var conversation = try RosterConversation.connected(.init(maximumMembers: 2), peers: [2])
        _ = try conversation.watch()
        #expect(conversation.receive(try .list(1, "a", "b", "c"), from: 2) == [])
        #expect(conversation.advance(.seconds(3)) == ["some: a@0, b@0"])
        #expect(
            conversation.receive(try .list(2, "b", "c"), from: 2) == [
                "left a@0: closed", "joined c@0", "all: b@0, c@0",
            ]
        )
        let edits = [PresenceEdit.removed("b", .closed), .set(try PresenceEntry("d"))]
        #expect(
            conversation.receive(.changes(channel: "room", number: 3, previous: 2, edits), from: 2)
                == ["left b@0: closed", "joined d@0"]
        )
    }

    @Test("A member of several instances is one: the first time, all connections and the newest info")
    func merged() throws {
        var conversation = try RosterConversation.connected(peers: [2, 3])
        _ = try conversation.watch()
        func told(_ entry: PresenceEntry, _ number: Int) -> PresenceMessage.Content {
            .snapshot(channel: "room", number: number, part: 0, parts: 1, [entry])
        }
        _ = conversation.receive(told(try PresenceEntry("a:x", since: 7, connections: 2), 1), from: 2)
        #expect(
            conversation.receive(told(try PresenceEntry("a:y", since: 5, infoSince: 9), 1), from: 3) == ["all: a:y@5*3"]
        )
        #expect(
            conversation.receive(told(try PresenceEntry("a:z", since: 7, infoSince: 8), 2), from: 2) == []
        )
        #expect(
            conversation.receive(told(try PresenceEntry("a:z", since: 7, infoSince: 10), 3), from: 2) == [
                "updated a:z@5*2"
            ]
        )
        #expect(conversation.receive(try .list(2), from: 3) == [])
        #expect(conversation.receive(try .list(4), from: 2) == ["left a:z@7: closed"])
    }

    @Test("Of infos that are equally new all instances choose the same")
    func tie() throws {
        for order in [[2, 3], [3, 2]] as [[UInt64]] {
            var conversation = try RosterConversation.connected(peers: [2, 3])
            _ = try conversation.watch()
            var lines: [String] = []
            for owner in order { lines += conversation.receive(try .list(1, "a:\(owner)"), from: owner) }
            #expect(lines == ["all: a:3@0*2"])
        }
    }
}
