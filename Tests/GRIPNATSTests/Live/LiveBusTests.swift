import GRIP
import GRIPNATS
import GRIPTesting
import NIOCore
import Testing

@Suite("With a real server: the bus", .needsNATS, .timeLimit(.minutes(2)))
struct LiveBusTests {
    @Test("It is a bus", arguments: GRIPBusConformanceSuite.scenarios)
    func conformance(_ scenario: GRIPBusScenario) async throws {
        try await NATSServerProcess.run { server in
            let url = server.url
            try await scenario.run { try GRIPNATSBus(GRIPNATSConfiguration(url: url), prefix: "test") }
        }
    }

    @Test func publicationsReachOthersOnceAndInOrder() async throws {
        try await NATSServerProcess.run { server in
            try await withBus(server.url, attending: ["a"]) { one, first in
                try await withBus(server.url) { two, second in
                    two.attend(["a", "b"])
                    try await two.flush()
                    for index in 0..<1000 { #expect(one.publish("\(index)", to: "a") == .taken) }
                    #expect(one.publish("other", to: "b") == .taken)
                    try await second.wait(forText: "other")
                    #expect(second.texts == (0..<1000).map { "\($0)" } + ["other"])
                    #expect(two.publish("back", to: "a") == .taken)
                    try await first.wait(forText: "back")
                    // Nothing comes back to who has published it.
                    #expect(first.texts == ["back"])
                    // Only those who have subscribers get anything.
                    #expect(one.statistics.connection.received < 100)
                    two.ignore(["a"])
                    try await two.flush()
                    one.publish("ignored", to: "a")
                    one.publish("last", to: "b")
                    try await second.wait(forText: "last")
                    #expect(!second.texts.contains("ignored"))
                    #expect(second.gaps.isEmpty && first.gaps == [.all(.disconnected)])
                }
            }
        }
    }

    @Test func anyNameAndAnyItem() async throws {
        let names = [
            "", "a b", "a..b", "*", ">", "é🚀", ".", "=", String(repeating: "x", count: 5000), "a\r\nPUB x 0\r\n",
            "a\u{0}b", "\u{E9}", "e\u{301}",
        ]
        try await NATSServerProcess.run { server in
            try await withBus(server.url, attending: names) { _, recorder in
                try await withBus(server.url) { bus, _ in
                    for (index, name) in names.enumerated() {
                        let formats: [GRIPFormat] = [.httpStream("line\n"), .webSocketMessage("text\r\n\u{0}")]
                        let item = try GRIPItem(formats, id: "\(index)")
                        let publication = GRIPPublication(item, to: GRIPChannel(unchecked: name))
                        #expect(bus.publish([publication]) == .taken)
                        try await recorder.events.wait(for: .publication(channel: name, item))
                    }
                }
            }
        }
    }

    @Test func aServerIsKilledAndComesBack() async throws {
        try await NATSServerProcess.run { server in
            try await withBus(server.url, attending: ["a"]) { _, recorder in
                try await withBus(server.url) { bus, other in
                    try await server.kill()
                    _ = try await other.events.wait { events in
                        if case .state(.disconnected) = events.last { true } else { false }
                    }
                    #expect(bus.publish("lost", to: "a") == .refused(reason: .disconnected))
                    try await server.start()
                    try await other.waitUntilConnected(times: 2)
                    try await recorder.waitUntilConnected(times: 2)
                    _ = try await recorder.events.wait { $0.contains(.missed(.all(.disconnected))) && $0.count > 3 }
                    bus.publish("found", to: "a")
                    try await recorder.wait(forText: "found")
                    #expect(!recorder.texts.contains("lost"))
                }
            }
        }
    }

    /// What is refused is missed by the others, and they are told by a later heartbeat.
    @Test func whatIsTooLargeIsTold() async throws {
        try await NATSServerProcess.run("max_payload: 1000") { server in
            try await withBus(server.url, attending: ["a"]) { _, recorder in
                try await withBus(server.url) { bus, _ in
                    bus.publish("one", to: "a")
                    try await recorder.wait(forText: "one")
                    #expect(
                        bus.publish(String(repeating: "x", count: 2000), to: "a") == .refused(reason: .tooLarge)
                    )
                    _ = try await recorder.events.wait { $0.contains(.missed(.channels(["a"], .hole))) }
                }
            }
        }
    }

    /// What comes in a way that a server can lose without telling: somebody publishes a hole.
    @Test func aHoleIsTold() async throws {
        try await NATSServerProcess.run { server in
            try await withBus(server.url, attending: ["a"]) { _, recorder in
                try await withConnection(server.url) { test in
                    let publication = GRIPPublication(GRIPItem(.httpStream("x"), id: "x"), to: "a")
                    for number in [1, 2, 4] as [UInt64] {
                        var payload = BusPayload.unnumbered(publication, instance: 99)
                        BusPayload.setNumber(.init(value: number, isFirst: number == 1), in: &payload)
                        try test.connection.publish(payload, to: "test.c.a")
                    }
                    _ = try await recorder.events.wait { $0.contains(.missed(.channels(["a"], .hole))) }
                    #expect(recorder.texts == ["x", "x", "x"])
                    let heartbeat = Heartbeat(
                        instance: 99,
                        beat: 1,
                        total: 5,
                        channels: [Heartbeat.Entry(channel: "a", first: 1, last: 5)]
                    )
                    try test.connection.publish(heartbeat.payload, to: "test.hb")
                    _ = try await recorder.events.wait { $0.count { $0 == .missed(.channels(["a"], .hole)) } == 2 }
                    // What is nonsense is left aside.
                    for text in ["", "nonsense", "\u{1}\u{0}12345678123456781{}"] {
                        try test.publish(text, to: "test.c.a")
                        try test.publish(text, to: "test.hb")
                    }
                    try await test.connection.flush()
                    #expect(recorder.gaps.count == 3)
                }
            }
        }
    }

    /// Who may publish under one subject only must not get at the clients of other channels.
    @Test func aPublicationIsForTheChannelOfItsSubject() async throws {
        let long = String(repeating: "x", count: 5000)
        try await NATSServerProcess.run { server in
            try await withBus(server.url, attending: ["a", "b", "a\r\nb", long]) { bus, recorder in
                try await withConnection(server.url) { test in
                    var number: UInt64 = 0
                    func publish(_ text: String, to channel: String, under subject: GRIPNATSSubject) throws {
                        let item = GRIPItem(.httpStream(text), id: text)
                        let publication = GRIPPublication(item, to: GRIPChannel(unchecked: channel))
                        var payload = BusPayload.unnumbered(publication, instance: 99)
                        number += 1
                        BusPayload.setNumber(.init(value: number, isFirst: true), in: &payload)
                        try test.connection.publish(payload, to: subject)
                    }
                    let subjects = try ChannelSubjects(prefix: "test.c")
                    for name in ["a", "a\r\nb", long, "nobody's"] {
                        try publish("misplaced", to: name, under: "test.c.b")
                    }
                    for name in ["a", "a\r\nb", long] {
                        try publish("right", to: name, under: subjects.subject(of: name))
                    }
                    _ = try await recorder.events.wait { $0.count { $0.text == "right" } == 3 }
                    #expect(recorder.texts == ["right", "right", "right"])
                    #expect(bus.statistics.misplaced == 4 && bus.statistics.malformed == 0)
                    try test.publish("nonsense", to: "test.c.b")
                    try test.publish("nonsense", to: "test.hb")
                    try publish("last", to: "b", under: "test.c.b")
                    try await recorder.wait(forText: "last")
                    #expect(bus.statistics.malformed == 2)
                }
            }
        }
    }

    @Test func aChannelThatTheServerRefuses() async throws {
        let long = String(repeating: "x", count: 5000)
        let denied = ["secret", long].map { "\"test.c.\(ChannelSubjects.token(of: $0))\"" }.joined(separator: ", ")
        let permissions = "permissions { subscribe: { allow: [\"test.>\"], deny: [\(denied)] } }"
        let configuration = "authorization { users: [{ user: me, password: p, \(permissions) }] }"
        try await NATSServerProcess.run(configuration) { server in
            try await withBus("nats://me:p@127.0.0.1:\(server.port)") { bus, recorder in
                bus.attend(["open", "secret"])
                try await recorder.events.wait(for: .missed(.channels(["secret"], .refused)))
                #expect(bus.statistics.refusedSubscriptions == 1)
                // A hash does not tell its name.
                bus.attend([long])
                try await recorder.events.wait(for: .missed(.channels([long], .refused)))
                #expect(bus.statistics.refusedSubscriptions == 2)
                #expect(recorder.gaps.count == 2)
            }
        }
    }

    @Test func heartbeatsThatTheServerRefuses() async throws {
        let permissions = "permissions { subscribe: { allow: [\"test.c.>\"] } }"
        let configuration = "authorization { users: [{ user: me, password: p, \(permissions) }] }"
        try await NATSServerProcess.run(configuration) { server in
            try await withBus("nats://me:p@127.0.0.1:\(server.port)", attending: ["a"]) { _, recorder in
                try await recorder.events.wait(for: .missed(.all(.refused)))
            }
        }
    }

    /// There is room for what is published, and not for what would be said about it.
    @Test func heartbeatsDoNotWaitForAConnection() throws {
        var configuration = try GRIPNATSConfiguration(url: "nats://127.0.0.1:1")
        configuration.disconnectedLimit = 300
        let bus = try GRIPNATSBus(configuration, prefix: "test")
        for _ in 0..<100 { bus.beat() }
        #expect(bus.publish("kept", to: "a") == .taken)
        #expect(bus.statistics.connection.published == 1 && bus.statistics.connection.refused == 0)
    }

    @Test func manyChannelsAreNamedByHeartbeats() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let heartbeats = Recorder<Heartbeat?>()
                test.connection.subscribe(to: "test.hb") { heartbeats.record(Heartbeat(payload: $0.payload)) }
                try await test.connection.flush()
                try await withBus(server.url) { bus, _ in
                    for index in 0..<2500 { bus.publish("x", to: "\(index)") }
                }
                let all = try await heartbeats.wait { heartbeats in
                    heartbeats.reduce(0) { $0 + ($1?.channels?.count ?? 0) } == 2500
                }
                #expect(all.allSatisfy { $0?.channels != nil })
                #expect(all.compactMap(\.?.beat) == (1...UInt64(all.count)).map { $0 })
            }
        }
    }

    /// A proxy publishes the others of a batch once more when one of them is too large.
    @Test func aBatchThatIsTooLargeLeavesNoHole() async throws {
        try await NATSServerProcess.run("max_payload: 1000") { server in
            try await withConnection(server.url) { test in
                let numbers = Recorder<UInt64?>()
                test.connection.subscribe(to: "test.c.a") { numbers.record(BusPayload($0.payload)?.number.value) }
                try await test.connection.flush()
                try await withBus(server.url) { bus, _ in
                    let large = String(repeating: "x", count: 2000)
                    let batch = ["1", large, "2"].map { GRIPPublication(GRIPItem(.httpStream($0)), to: "a") }
                    #expect(bus.publish(batch) == .refused(reason: .tooLarge))
                    #expect(bus.publish("1", to: "a") == .taken)
                    // The others have to hear of the one that they do not get.
                    #expect(bus.publish(large, to: "a") == .refused(reason: .tooLarge))
                    #expect(bus.publish("2", to: "a") == .taken)
                    let arrived = try await numbers.wait { $0.count == 2 }
                    #expect(arrived == [1, 3])
                }
            }
        }
    }

    @Test func theLastHeartbeatComesBeforeTheEnd() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let heartbeats = Recorder<Heartbeat?>()
                test.connection.subscribe(to: "test.hb") { heartbeats.record(Heartbeat(payload: $0.payload)) }
                try await test.connection.flush()
                try await withBus(server.url) { bus, _ in
                    #expect(bus.publish("one", to: "a") == .taken)
                }
                let entry = Heartbeat.Entry(channel: "a", first: 1, last: 1)
                _ = try await heartbeats.wait { $0.contains { $0?.channels == [entry] } }
            }
        }
    }

    /// Two servers lose sight of each other, and tell nobody.
    @Test func aClusterIsCut() async throws {
        try await NATSServerProcess.runCluster { near, far, forwarder in
            try await withBus(far.url, attending: ["a"]) { _, recorder in
                try await withBus(near.url) { bus, _ in
                    try await self.publishUntilReceived("before", through: bus, by: recorder)
                    // From the third heartbeat on, the instances know each other.
                    try await self.waitForHeartbeats(3, at: far)
                    let gaps = recorder.gaps.count
                    try await forwarder.cut()
                    for index in 0..<100 { #expect(bus.publish("lost \(index)", to: "a") == .taken) }
                    try await self.waitForHeartbeats(2, at: near)
                    forwarder.mend()
                    _ = try await recorder.events.wait { events in
                        events.count { if case .missed = $0 { true } else { false } } > gaps
                    }
                    #expect(recorder.gaps.dropFirst(gaps).allSatisfy { $0.reason == .hole })
                    #expect(!recorder.texts.contains { $0.hasPrefix("lost") })
                    try await self.publishUntilReceived("after", through: bus, by: recorder)
                }
            }
        }
    }

    /// Waits for heartbeats of the instance that has published.
    private func waitForHeartbeats(_ count: Int, at server: NATSServerProcess) async throws {
        try await withConnection(server.url) { test in
            let heartbeats = Recorder<Heartbeat?>()
            test.connection.subscribe(to: "test.hb") { heartbeats.record(Heartbeat(payload: $0.payload)) }
            _ = try await heartbeats.wait { $0.count { ($0?.total ?? 0) > 0 } >= count }
        }
    }

    private func publishUntilReceived(_ text: String, through bus: GRIPNATSBus, by recorder: BusRecorder) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !recorder.texts.contains(text) {
            try #require(ContinuousClock.now < deadline)
            bus.publish(text, to: "a")
            // Nobody tells when the interest of one server has reached the other.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test func manyChannelsOfInterest() async throws {
        try await NATSServerProcess.run { server in
            try await withBus(server.url) { one, _ in
                try await withBus(server.url) { two, recorder in
                    let channels = (0..<10_000).map { "channel-\($0)" }
                    two.attend(channels)
                    try await two.flush()
                    for channel in channels { one.publish(channel, to: channel) }
                    // Asked at each event, on the event loop that others have too: only the last times look at all of them.
                    _ = try await recorder.events.wait {
                        $0.count >= 10_000 && $0.count { $0.text != nil } == 10_000
                    }
                    two.ignore(channels)
                    try await two.flush()
                    #expect(recorder.gaps.isEmpty)
                }
            }
        }
    }
}
