import GRIP
import GRIPEngine
import GRIPTesting
import Testing

@testable import GRIPProxy

/// Who is on a channel of several proxies together.
@Suite("Presence on several instances", .timeLimit(.minutes(5))) struct PresenceInstancesTests {
    @Test("Members of all instances are known on each, and leave on all")
    func members() async throws {
        try await ThreeProxies.with { all in
            var watcher = Watcher(at: all.c.proxy.server.presence)
            try await all.a.proxy.client { one in
                try await all.b.proxy.client { two in
                    try await all.b.proxy.client { three in
                        try await HoldKind.stream.join(&one, as: "alice", info: "x")
                        try await HoldKind.response.join(&two, as: "bob")
                        try await HoldKind.webSocket.join(&three, as: "carol")
                        try await watcher.follow { $0 == ["alice(x)", "bob", "carol"] }
                        for instance in [all.a, all.b, all.c] {
                            #expect(try await instance.completeMembers() == "[alice(x) bob carol]")
                        }
                        #expect(try await all.c.proxy.metric("grip_proxy_presence_members") == 0)
                        #expect(try await all.c.proxy.metric("grip_proxy_presence_instances") == 2)
                    }
                    #expect(try await watcher.departure(of: "carol") == "closed")
                }
                #expect(try await watcher.departure(of: "bob") == "closed")
            }
            #expect(try await watcher.departure(of: "alice") == "closed")
        }
    }

    @Test("One key on two instances is one member, who leaves with the last connection")
    func oneKey() async throws {
        try await ThreeProxies.with { all in
            var watcher = Watcher(at: all.c.proxy.server.presence)
            try await all.a.proxy.client { one in
                try await HoldKind.stream.join(&one, as: "alice")
                try await watcher.follow { $0 == ["alice"] }
                try await all.b.proxy.client { two in
                    try await HoldKind.stream.join(&two, as: "alice", info: "y")
                    try await watcher.follow { $0 == ["alice(y)"] }
                }
                // Its other connection goes on, with the info that it has.
                try await watcher.follow { $0 == ["alice"] }
            }
            #expect(try await watcher.departure(of: "alice") == "closed")
        }
    }

    @Test("A kick ends connections on all instances", arguments: HoldKind.allCases)
    func kick(kind: HoldKind) async throws {
        try await ThreeProxies.with(linger: .seconds(300)) { all in
            var watcher = Watcher(at: all.c.proxy.server.presence)
            try await all.a.proxy.client { one in
                try await all.b.proxy.client { two in
                    try await kind.join(&one, as: "alice")
                    try await kind.join(&two, as: "alice")
                    try await watcher.follow { $0 == ["alice"] }
                    for instance in [all.a, all.b] {
                        try await instance.proxy.wait("the member") {
                            try await instance.proxy.metric("grip_proxy_presence_members") == 1
                        }
                    }
                    try await all.c.proxy.server.presence.kick("alice", from: "room")
                    try await watcher.follow { $0.isEmpty }
                    for instance in [all.a, all.b] {
                        try await instance.proxy.wait("the end") {
                            try await instance.proxy.metric("grip_proxy_presence_connections_kicked_total") == 1
                        }
                    }
                }
            }
        }
    }

    @Test("A kick that the bus does not take is told, and ends the connections of this instance")
    func refusedKick() async throws {
        try await ThreeProxies.with { all in
            try await all.a.proxy.client { one in
                try await HoldKind.stream.join(&one, as: "alice")
                try await all.a.proxy.wait("the member") {
                    try await all.a.proxy.metric("grip_proxy_presence_members") == 1
                }
                all.a.bus.cut()
                await #expect(throws: GRIPPresenceError.notToldOthers(reason: .disconnected)) {
                    try await all.a.proxy.server.presence.kick("alice", from: "room")
                }
                #expect(try await one.rest() == "0\r\n\r\n")
                all.a.bus.mend()
            }
        }
    }

    @Test("What is lost while the bus is cut is made up for")
    func cut() async throws {
        try await ThreeProxies.with { all in
            var watcher = Watcher(at: all.c.proxy.server.presence)
            try await all.a.proxy.client { one in
                try await HoldKind.stream.join(&one, as: "alice")
                try await watcher.follow { $0 == ["alice"] }
                all.c.bus.cut()
                try await all.c.proxy.wait("the cut") { try await all.c.proxy.metric("grip_proxy_bus_connected") == 0 }
                #expect(try await all.c.proxy.server.presence.members(of: "room").isComplete == false)
                try await all.b.proxy.client { two in
                    try await HoldKind.stream.join(&two, as: "bob")
                    #expect(try await all.b.completeMembers() == "[alice bob]")
                    all.c.bus.mend()
                    try await watcher.follow { $0 == ["alice", "bob"] }
                    #expect(try await all.c.completeMembers() == "[alice bob]")
                }
            }
        }
    }

    @Test("Members of an instance that shuts down stay when they come to another one in time")
    func moved() async throws {
        let network = GRIPLoopbackNetwork()
        try await MemberOrigin.with { port in
            func setUp(_ configuration: inout GRIPProxyServerConfiguration) {
                configuration.routes = ["* 127.0.0.1:\(port),over_http"]
                configuration.delivery.updatesOnFirstSubscription = false
                configuration.presence.grace = .seconds(8)
            }
            try await withProxy(bus: network.makeBus(), setUp) { stays in
                var watcher = Watcher(at: stays.server.presence)
                var lines: [String] = []
                try await stays.client { again in
                    try await withProxy(bus: network.makeBus(), setUp) { goes in
                        try await goes.client { one in
                            try await goes.client { two in
                                try await HoldKind.stream.join(&one, as: "alice")
                                try await HoldKind.stream.join(&two, as: "bob")
                                try await watcher.follow { $0 == ["alice", "bob"] }
                                await goes.server.core.drain(GRIPProxyServerConfiguration().timeouts)
                            }
                        }
                    }
                    try await HoldKind.stream.join(&again, as: "alice")
                    // Only who did not come leaves, and alice neither leaves nor joins.
                    while lines.last?.hasPrefix("-") != true, let line = try await watcher.next() { lines.append(line) }
                    #expect(lines.filter { !$0.hasPrefix("[") } == ["-bob moved"])
                    #expect(try await stays.server.presence.members(of: "room").members.map(\.key) == ["alice"])
                }
            }
        }
    }

    @Test("Without a grace members of an instance that shuts down leave at once")
    func noGrace() async throws {
        let network = GRIPLoopbackNetwork()
        try await MemberOrigin.with { port in
            func setUp(_ configuration: inout GRIPProxyServerConfiguration) {
                configuration.routes = ["* 127.0.0.1:\(port),over_http"]
                configuration.presence.grace = .zero
            }
            try await withProxy(bus: network.makeBus(), setUp) { stays in
                var watcher = Watcher(at: stays.server.presence)
                try await withProxy(bus: network.makeBus(), setUp) { goes in
                    try await goes.client { one in
                        try await HoldKind.stream.join(&one, as: "alice")
                        try await watcher.follow { $0 == ["alice"] }
                        await goes.server.core.drain(GRIPProxyServerConfiguration().timeouts)
                    }
                }
                var line = try await watcher.next()
                while line?.hasPrefix("[") == true { line = try await watcher.next() }
                #expect(line == "-alice shutdown")
            }
        }
    }
}
