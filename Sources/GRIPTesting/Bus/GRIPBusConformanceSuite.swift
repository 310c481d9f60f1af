import GRIP
import HTTPTypes
import NIOCore

/// What any `GRIPBus` must do, as scenarios.
///
/// ```swift
/// @Test(arguments: GRIPBusConformanceSuite.scenarios)
/// func bus(_ scenario: GRIPBusScenario) async throws {
///     let network = GRIPLoopbackNetwork()
///     try await scenario.run { network.makeBus() }
/// }
/// ```
public enum GRIPBusConformanceSuite {
    /// Everything that is asked of a bus.
    public static let scenarios: [GRIPBusScenario] = Self.delivery + Self.names + Self.life + Self.load

    // MARK: Delivery

    private static let delivery: [GRIPBusScenario] = [
        GRIPBusScenario("interest", "An instance receives what others publish to the channels that it attends.") {
            run in
            try await run.withPeers(3) { peers in
                try await peers[0].attend(["a"], from: peers[2])
                try await peers[1].attend(["b"], from: peers[2])
                try peers[2].publish("1", to: "a")
                try peers[2].publish("2", to: "b")
                try peers[2].publish("3", to: "c")
                try peers[2].publish("end", to: "a")
                try peers[2].publish("end", to: "b")
                try await peers[0].wait("the end") { $0.texts(of: "a").last == "end" }
                try await peers[1].wait("the end") { $0.texts(of: "b").last == "end" }
                for (peer, expected) in [(peers[0], ["1", "end"]), (peers[1], ["2", "end"])] {
                    let texts = peer.heard.publications.compactMap(\.text)
                    try run.expect(texts == expected, "\(expected)", observed: "\(texts)")
                }
                let others = peers[2].heard.publications.count
                try run.expect(
                    others == 0,
                    "no publications without an attended channel",
                    observed: "\(others) publications"
                )
            }
        },
        GRIPBusScenario("interest.end", "At some time after a channel is ignored, nothing of it is received.") { run in
            try await run.withPeers(2) { peers in
                try await peers[0].attend(["a", "b"], from: peers[1])
                peers[0].bus.ignore(["a"])
                var number = 0
                let end = ContinuousClock.now + run.patience
                while true {
                    number += 1
                    peers[0].forget()
                    try peers[1].publish("\(number)", to: "a")
                    try peers[1].publish("\(number)", to: "b")
                    try await peers[0].wait("what comes after it") { $0.texts(of: "b").last == "\(number)" }
                    if peers[0].heard.texts(of: "a").isEmpty { return }
                    try run.expect(ContinuousClock.now < end, "nothing of 'a'", observed: "\(number) publications")
                }
            }
        },
        GRIPBusScenario("echo", "What an instance publishes does not come back to it.") { run in
            try await run.withPeers(2) { peers in
                try await peers[0].attend(["a"], from: peers[1])
                try await peers[1].attend(["a"], from: peers[0])
                peers[0].forget()
                try peers[0].publish("own", to: "a")
                try await peers[1].wait("it at the other") { $0.texts(of: "a").last == "own" }
                try peers[1].publish("other", to: "a")
                try await peers[0].wait("what the other publishes") { $0.texts(of: "a").last == "other" }
                let texts = peers[0].heard.texts(of: "a")
                try run.expect(texts == ["other"], "only what the other publishes", observed: "\(texts)")
            }
        },
        GRIPBusScenario("order", "What one instance publishes to one channel arrives once and in order.") { run in
            try await run.withPeers(3) { peers in
                try await peers[0].attend(["a", "b"], from: peers[1])
                try await peers[0].attend(["c"], from: peers[2])
                for number in 0..<1000 {
                    try peers[1].publish("\(number)", to: number.isMultiple(of: 3) ? "a" : "b")
                    if number.isMultiple(of: 2) { try peers[2].publish("\(number)", to: "c") }
                }
                for channel in ["a", "b", "c"] { try peers[channel == "c" ? 2 : 1].publish("end", to: channel) }
                try await peers[0].wait("all ends") { heard in
                    ["a", "b", "c"].allSatisfy { heard.texts(of: $0).last == "end" }
                }
                let numbers = (0..<1000).map { $0 }
                for (channel, expected) in [
                    ("a", numbers.filter { $0.isMultiple(of: 3) }), ("b", numbers.filter { !$0.isMultiple(of: 3) }),
                    ("c", numbers.filter { $0.isMultiple(of: 2) }),
                ] {
                    let texts = peers[0].heard.texts(of: channel).dropLast()
                    let isRight = texts.elementsEqual(expected.map { "\($0)" })
                    try run.expect(
                        isRight,
                        "\(expected.count) in order on '\(channel)'",
                        observed: "\(texts.count): \(texts)"
                    )
                }
            }
        },
        GRIPBusScenario("together", "Publications that are handed over together arrive, each to whom it is for.") {
            run in
            try await run.withPeers(3) { peers in
                try await peers[0].attend(["a"], from: peers[2])
                try await peers[1].attend(["b"], from: peers[2])
                let items = (0..<100).map { GRIPPublication(text: "\($0)", to: $0.isMultiple(of: 2) ? "a" : "b") }
                try peers[2].publish(items)
                for (index, channel) in ["a", "b"].enumerated() {
                    try await peers[index].wait("50 publications") { $0.publications.count == 50 }
                    let texts = peers[index].heard.texts(of: channel)
                    let expected = (0..<100).filter { $0 % 2 == index }.map { "\($0)" }
                    try run.expect(texts == expected, "\(expected)", observed: "\(texts)")
                }
            }
        },
    ]

    // MARK: Names and contents

    /// Names that have a meaning in some protocol, or none at all.
    private static let oddNames = [
        "a b", "a.b", "a..b", ".", "..", "*", ">", "a.>", "a.*", "$SYS", "_INBOX.x", "=", "=41", "a=b", "%41", "a/b",
        "a:b",
        "a\tb", "a\u{0}b", "ü", "\u{E9}", "e\u{301}", "🙂", "a\u{2028}b", "PUB x 1", "{a}", "[a]", "a\"b", "a\\b", "-",
        "_", "A",
        "a", String(repeating: "n", count: 1024), String(repeating: "n", count: 1025),
        String(repeating: "ü", count: 3000),
    ]

    private static let names: [GRIPBusScenario] = [
        GRIPBusScenario("names", "Any name of a channel comes out as it went in, and is no other channel.") { run in
            try await run.withPeers(2) { peers in
                for name in Self.oddNames { try await peers[0].attend([name], from: peers[1]) }
                for (index, name) in Self.oddNames.enumerated() {
                    peers[0].forget()
                    try peers[1].publish("\(index)", to: name)
                    try await peers[0].wait("it on \(name.prefix(40).debugDescription)") { !$0.publications.isEmpty }
                    try peers[1].publish("end", to: name)
                    try await peers[0].wait("the next on \(name.prefix(40).debugDescription)") {
                        $0.publications.last?.text == "end"
                    }
                    let heard = peers[0].heard
                    let isRight = heard.publications.count == 2 && heard.texts(of: name) == ["\(index)", "end"]
                    try run.expect(
                        isRight,
                        "two publications on \(name.prefix(40).debugDescription)",
                        observed: "\(heard.publications.map { "\($0.channel.name.prefix(40)): \($0.text ?? "")" })"
                    )
                }
            }
        },
        GRIPBusScenario("names.bytes", "Names that only look the same are different channels.") { run in
            try await run.withPeers(2) { peers in
                let (one, other) = ("\u{E9}", "e\u{301}")
                try await peers[0].attend([one], from: peers[1])
                try peers[1].publish("1", to: other)
                try peers[1].publish("end", to: one)
                try await peers[0].wait("the end") { !$0.publications.isEmpty }
                let texts = peers[0].heard.publications.compactMap(\.text)
                try run.expect(texts == ["end"], "only what is for the channel that is attended", observed: "\(texts)")
            }
        },
        GRIPBusScenario("contents", "A publication comes out as it went in.") { run in
            try await run.withPeers(2) { peers in
                try await peers[0].attend(["a"], from: peers[1])
                let items: [GRIPItem] = [
                    GRIPItem(.httpStream("x"), id: "1", previousID: "0", meta: ["sender": "ü"]),
                    try GRIPItem([
                        .httpResponse("body", headers: [.contentType: "text/plain"]), .webSocketMessage("text"),
                    ]),
                    GRIPItem(.httpStream("x\r\n\u{0}\"\\ü🙂")),
                    GRIPItem(.httpStream(.binary(ByteBuffer(bytes: (0...255).map { UInt8($0) })))),
                    GRIPItem(.httpStream("")), GRIPItem(.httpStream(String(repeating: "x", count: 500_000))),
                ]
                for item in items { try peers[1].publish([GRIPPublication(item, to: "a")]) }
                try await peers[0].wait("all publications") { $0.publications.count == items.count }
                for (item, arrived) in zip(items, peers[0].heard.publications) {
                    let isRight = GRIPPublication(item, to: "a").json == arrived.json
                    try run.expect(
                        isRight,
                        "\(String(buffer: GRIPPublication(item, to: "a").json).prefix(200))",
                        observed: "\(String(buffer: arrived.json).prefix(200))"
                    )
                }
            }
        },
    ]

    // MARK: Life

    private static let life: [GRIPBusScenario] = [
        GRIPBusScenario("before", "Channels that are attended before the bus runs are attended when it does.") { run in
            let early = BusPeer(try await run.makeBus(), run)
            early.bus.attend(["a", "b"])
            early.bus.ignore(["b"])
            let acceptance = early.bus.publish([GRIPPublication(text: "early", to: "a")])
            try run.expect(
                acceptance == .refused(reason: .disconnected),
                "a publish before the bus runs to be refused",
                observed: "\(acceptance)"
            )
            try await run.withPeers(1) { peers in
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { try await early.bus.run(early) }
                    defer { group.cancelAll() }
                    try await early.wait("to be told of a gap, because channels were attended before") { heard in
                        heard.gaps.contains(.all(.disconnected))
                    }
                    var number = 0
                    while early.heard.texts(of: "a").isEmpty {
                        number += 1
                        try run.expect(number < 1000, "something on 'a'", observed: "nothing")
                        try peers[0].publish("\(number)", to: "a")
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }
        },
        GRIPBusScenario("end", "A bus whose task is cancelled ends soon, and refuses from then on.") { run in
            let peer = BusPeer(try await run.makeBus(), run)
            let task = peer.start()
            defer { task.cancel() }
            try await peer.wait("to be connected") { $0.states.last?.isConnected == true }
            try peer.publish("x", to: "a")
            task.cancel()
            try await run.wait("the bus to end", observed: { "it runs after \(run.patience)" }) { peer.outcome != nil }
            do { try peer.outcome?.get() } catch is CancellationError {}
            let acceptance = peer.bus.publish([GRIPPublication(text: "late", to: "a")])
            try run.expect(
                acceptance == .refused(reason: .disconnected),
                "a publish after the end to be refused",
                observed: "\(acceptance)"
            )
        },
    ]

    // MARK: Load

    private static let load: [GRIPBusScenario] = [
        GRIPBusScenario("channels", "Ten thousand channels can be attended.") { run in
            try await run.withPeers(2) { peers in
                let names = (0..<10_000).map { "channel \($0)" }
                try await peers[0].attend(names, from: peers[1])
                for index in stride(from: 0, to: 10_000, by: 100) { try peers[1].publish("\(index)", to: names[index]) }
                try await peers[0].wait("100 publications") { $0.publications.count == 100 }
                peers[0].bus.ignore(Array(names.dropLast()))
                try peers[1].publish("end", to: names[9_999])
                try await peers[0].wait("what is left") { $0.texts(of: names[9_999]).last == "end" }
            }
        },
        GRIPBusScenario("churn", "Channels that come and go leave those alone that stay.") { run in
            try await run.withPeers(2) { peers in
                try await peers[0].attend(["stays"], from: peers[1])
                for number in 0..<2000 {
                    peers[0].bus.attend(["comes \(number % 10)"])
                    try peers[1].publish([
                        GRIPPublication(text: "\(number)", to: "stays"),
                        GRIPPublication(text: "x", to: "comes \(number % 10)"),
                    ])
                    peers[0].bus.ignore(["comes \(number % 10)"])
                }
                try await peers[0].wait("2,000 publications on 'stays'") { $0.texts(of: "stays").count == 2000 }
                let isInOrder = peers[0].heard.texts(of: "stays").elementsEqual((0..<2000).map { "\($0)" })
                try run.expect(isInOrder, "them in order", observed: "another order")
            }
        },
        GRIPBusScenario("threads", "Several threads can publish at once, each in its order.") { run in
            try await run.withPeers(2) { peers in
                try await peers[0].attend(["a"], from: peers[1])
                try await withThrowingDiscardingTaskGroup { group in
                    for thread in 0..<8 {
                        group.addTask {
                            for number in 0..<200 { try peers[1].publish("\(thread) \(number)", to: "a") }
                        }
                    }
                }
                try await peers[0].wait("1,600 publications") { $0.publications.count >= 1600 }
                let texts = peers[0].heard.texts(of: "a")
                try run.expect(texts.count == 1600, "1,600 publications", observed: "\(texts.count)")
                for thread in 0..<8 {
                    let own = texts.filter { $0.hasPrefix("\(thread) ") }
                    let expected = (0..<200).map { "\(thread) \($0)" }
                    try run.expect(own == expected, "those of thread \(thread) in order", observed: "\(own)")
                }
            }
        },
    ]
}
