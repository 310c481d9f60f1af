import GRIP
import GRIPEngine
import Testing

@testable import GRIPProxy

/// Who is on a channel of one proxy.
@Suite("Presence", .timeLimit(.minutes(5))) struct PresenceTests {
    private static func run(
        linger: Duration = .zero,
        _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in },
        _ body: (ProxyScope) async throws -> Void
    ) async throws {
        try await MemberOrigin.with { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                // A long poll that looks again joins again.
                $0.delivery.updatesOnFirstSubscription = false
                $0.presence.linger = linger
                configure(&$0)
            } _: { proxy in
                try await body(proxy)
            }
        }
    }

    // MARK: Members

    @Test("A client is a member from its hold to its end", arguments: HoldKind.allCases)
    func member(kind: HoldKind) async throws {
        try await Self.run { proxy in
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            try await proxy.client { client in
                try await kind.join(&client, as: "alice", info: "x")
                #expect(try await watcher.next() == "+alice(x)")
                let snapshot = try await proxy.server.presence.members(of: "room")
                #expect(snapshot.line == "[alice(x)]")
                #expect(snapshot.channel == "room")
                #expect(snapshot.members.first?.connections == 1)
                let age = WallClock.milliseconds - (snapshot.members.first?.sinceMilliseconds ?? 0)
                #expect((0..<600_000).contains(age))
                #expect(try await proxy.metric("grip_proxy_presence_members") == 1)
            }
            #expect(try await watcher.next() == "-alice closed")
            #expect(try await proxy.server.presence.members(of: "room").line == "[]")
            #expect(try await proxy.metric("grip_proxy_presence_members") == 0)
        }
    }

    @Test("Clients that the origin does not name are no members", arguments: HoldKind.allCases)
    func nobody(kind: HoldKind) async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await kind.join(&client, as: nil)
                try await proxy.wait("the subscription") { try await proxy.count { $0.registry.count } == 1 }
                #expect(try await proxy.server.presence.members(of: "room").line == "[]")
                #expect(try await proxy.metric("grip_proxy_presence_members") == 0)
            }
        }
    }

    @Test("Several connections of one key are one member, with the info that came last")
    func connections() async throws {
        try await Self.run { proxy in
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            try await proxy.client { one in
                try await HoldKind.stream.join(&one, as: "alice", info: "x")
                #expect(try await watcher.next() == "+alice(x)")
                try await proxy.client { other in
                    try await HoldKind.webSocket.join(&other, as: "alice", info: "y")
                    #expect(try await watcher.next() == "~alice(y)")
                    #expect(try await proxy.server.presence.members(of: "room").members.first?.connections == 2)
                    try await proxy.client { third in
                        try await HoldKind.response.join(&third, as: "bob")
                        #expect(try await watcher.next() == "+bob")
                    }
                    #expect(try await watcher.next() == "-bob closed")
                }
            }
            #expect(try await watcher.next() == "-alice closed")
        }
    }

    @Test("A WebSocket can become another member, get another info and leave while it goes on")
    func changes() async throws {
        try await Self.run(linger: .seconds(300)) { proxy in
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            try await proxy.client { client in
                try await HoldKind.webSocket.join(&client, as: "alice", info: "x")
                #expect(try await watcher.next() == "+alice(x)")
                try await client.send(0x1, "info y")
                #expect(try await watcher.next() == "~alice(y)")
                try await client.send(0x1, "as bob")
                #expect(try await watcher.next() == "-alice closed")
                #expect(try await watcher.next() == "+bob(x)")
                // Who never went is not waited for.
                try await client.send(0x1, "leave")
                #expect(try await watcher.next() == "-bob closed")
            }
        }
    }

    @Test("Between long polls and reconnects a member stays")
    func linger() async throws {
        try await Self.run(linger: .seconds(300)) { proxy in
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            for _ in 0..<5 {
                try await proxy.client { client in
                    try await HoldKind.response.join(&client, as: "alice")
                    try await proxy.wait("the subscription") { try await proxy.count { $0.registry.count } == 1 }
                }
                try await proxy.wait("its end") { try await proxy.count { $0.registry.count } == 0 }
            }
            // What changes is told a moment later.
            #expect(try await watcher.next() == "+alice")
            #expect(try await proxy.server.presence.members(of: "room").line == "[alice]")
            try await proxy.client { client in
                try await HoldKind.stream.join(&client, as: "bob")
                #expect(try await watcher.next() == "+bob")
            }
        }
    }

    @Test("After the linger a member leaves")
    func lingerEnds() async throws {
        try await Self.run(linger: .milliseconds(200)) { proxy in
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            try await proxy.client { client in
                try await HoldKind.stream.join(&client, as: "alice")
                #expect(try await watcher.next() == "+alice")
            }
            let start = ContinuousClock.now
            #expect(try await watcher.next() == "-alice closed")
            #expect(ContinuousClock.now - start > .milliseconds(150))
        }
    }

    // MARK: Kicks

    @Test("A member that is kicked loses all its connections on that channel", arguments: HoldKind.allCases)
    func kick(kind: HoldKind) async throws {
        try await Self.run(linger: .seconds(300)) { proxy in
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            try await proxy.client { one in
                try await proxy.client { other in
                    try await proxy.client { bystander in
                        try await HoldKind.stream.join(&bystander, as: "alice", room: "other")
                        try await kind.join(&one, as: "alice")
                        #expect(try await watcher.next() == "+alice")
                        try await kind.join(&other, as: "alice")
                        try await proxy.wait("both") { try await proxy.count { $0.registry.count } == 3 }
                        try await proxy.server.presence.kick("bob", from: "room")
                        try await proxy.server.presence.kick("alice", from: "room")
                        #expect(try await watcher.next() == "-alice kicked")
                        try await Self.expectKick(&one, kind)
                        try await Self.expectKick(&other, kind)
                        #expect(try await proxy.server.presence.members(of: "other").line == "[alice]")
                        #expect(try await proxy.metric("grip_proxy_presence_connections_kicked_total") == 2)
                        // Who comes back is a member again; whether that may be is the origin's to decide.
                        try await proxy.client { again in
                            try await kind.join(&again, as: "alice")
                            #expect(try await watcher.next() == "+alice")
                        }
                    }
                }
            }
        }
    }

    private static func expectKick(_ client: inout TestConnection, _ kind: HoldKind) async throws {
        switch kind {
        case .stream: #expect(try await client.rest() == "0\r\n\r\n")
        case .response:
            let answer = try await client.response()
            #expect(answer?.code == 403)
            #expect(answer?.body == "Kicked: this client was removed from the channel.\n")
        case .webSocket:
            let close = try await client.frame()
            #expect(close?.closeCode == 1008)
            #expect(close?.text.hasSuffix("kicked") == true)
        }
    }

    // MARK: Watching

    @Test("One who watches and does not keep up gets a snapshot in place of what was lost")
    func slowWatcher() async throws {
        try await Self.run {
            $0.presence.queuedChanges = 2
        } _: { proxy in
            var slow = Watcher(at: proxy.server.presence)
            var fast = Watcher(at: proxy.server.presence)
            #expect(try await fast.next() == "[]")
            #expect(try await slow.next() == "[]")
            try await proxy.client { one in
                try await proxy.client { two in
                    try await proxy.client { three in
                        try await HoldKind.stream.join(&one, as: "a")
                        #expect(try await fast.next() == "+a")
                        try await HoldKind.stream.join(&two, as: "b")
                        #expect(try await fast.next() == "+b")
                        try await HoldKind.stream.join(&three, as: "c")
                        #expect(try await fast.next() == "+c")
                        #expect(try await slow.next() == "[a b c]")
                        #expect(try await proxy.metric("grip_proxy_presence_changes_left_out_total") > 0)
                    }
                }
            }
        }
    }

    @Test("There are as many watchers and watched channels as are allowed, and no more")
    func limits() async throws {
        try await Self.run {
            $0.presence.watchers = 3
            $0.presence.watchedChannels = 2
        } _: { proxy async throws in
            let presence = proxy.server.presence
            var one = Watcher("one", at: presence)
            #expect(try await one.next() == "[]")
            var two = Watcher("two", at: presence)
            #expect(try await two.next() == "[]")
            await #expect(throws: GRIPPresenceError.tooManyChannels(limit: 2)) {
                try await presence.members(of: "three")
            }
            var again = Watcher("two", at: presence)
            #expect(try await again.next() == "[]")
            await #expect(throws: GRIPPresenceError.tooManyWatchers(limit: 3)) { try await presence.members(of: "two") }
            #expect(try await proxy.metric("grip_proxy_presence_watchers") == 3)
            #expect(try await proxy.metric("grip_proxy_presence_watchers_refused_total") == 2)
        }
    }

    @Test("A channel has as many members as are allowed, and more are counted")
    func memberLimit() async throws {
        try await Self.run {
            $0.presence.members = 1
        } _: { proxy in
            try await proxy.client { one in
                try await proxy.client { two in
                    try await HoldKind.stream.join(&one, as: "a")
                    try await proxy.wait("the member") {
                        try await proxy.server.presence.members(of: "room").members.count == 1
                    }
                    try await HoldKind.stream.join(&two, as: "b")
                    try await proxy.wait("the refusal") {
                        try await proxy.metric("grip_proxy_presence_members_refused_total") == 1
                    }
                    #expect(try await proxy.server.presence.members(of: "room").members.map(\.key) == ["a"])
                }
            }
        }
    }

    @Test("A watch ends with its task, and is then no more")
    func cancellation() async throws {
        try await Self.run { proxy in
            let presence = proxy.server.presence
            let task = Task {
                var count = 0
                for try await _ in presence.changes(of: "room") { count += 1 }
                return count
            }
            try await proxy.wait("the watcher") { try await proxy.metric("grip_proxy_presence_watchers") == 1 }
            task.cancel()
            #expect(try await task.value <= 1)
            try await proxy.wait("its end") { try await proxy.metric("grip_proxy_presence_watchers") == 0 }
        }
    }

    @Test("Changes end when the proxy shuts down")
    func shutdown() async throws {
        var task: Task<[String], any Error>?
        try await Self.run { proxy in
            let presence = proxy.server.presence
            task = Task {
                var lines: [String] = []
                for try await change in presence.changes(of: "room") { lines.append(change.line) }
                return lines
            }
            try await proxy.wait("the watcher") { try await proxy.metric("grip_proxy_presence_watchers") == 1 }
        }
        #expect(try await task?.value == ["[]"])
    }

    // MARK: Departures

    @Test("A departure is told once, with the connection and what the origin has said about it")
    func departures() async throws {
        try await Self.run { proxy in
            let departures = proxy.server.core.presence.departures
            departures.expect()
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            let (stream, source) = AsyncStream.makeStream(of: GRIPDeparture.self)
            let task = Task { await departures.run { source.yield($0) } }
            try await proxy.client { client in
                try await HoldKind.stream.join(&client, as: "alice", info: "x")
                #expect(try await watcher.next() == "+alice(x)")
            }
            #expect(try await watcher.next() == "-alice closed")
            var iterator = stream.makeAsyncIterator()
            let departure = await iterator.next()
            #expect(departure?.channel == "room")
            let alice = try GRIPMember("alice", info: "x")
            #expect(departure?.member == alice)
            #expect(departure?.reason == .closed)
            #expect(departure.flatMap { UInt64($0.connection) } != nil)
            departures.finish()
            await task.value
        }
    }

    @Test("Departures that nobody takes in time are dropped and counted")
    func droppedDepartures() async throws {
        try await Self.run {
            $0.presence.queuedDepartures = 2
        } _: { proxy in
            proxy.server.core.presence.departures.expect()
            var watcher = Watcher(at: proxy.server.presence)
            #expect(try await watcher.next() == "[]")
            for _ in 0..<5 {
                try await proxy.client { client in
                    try await HoldKind.stream.join(&client, as: "alice")
                    #expect(try await watcher.next() == "+alice")
                }
                #expect(try await watcher.next() == "-alice closed")
            }
            #expect(try await proxy.metric("grip_proxy_presence_departures_dropped_total") == 3)
        }
    }
}
