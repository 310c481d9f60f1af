import GRIP
import GRIPTesting
import Logging
import Testing

@testable import GRIPProxy

/// Two proxies with a bus between: what is published to one reaches clients of the other.
@Suite("A bus between proxies", .timeLimit(.minutes(5))) struct BusTests {
    private static let stream = [("Grip-Hold", "stream"), ("Grip-Channel", "a")]

    private static func item(_ text: String, to channel: GRIPChannel = "a") -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream(text)), to: channel)
    }

    // MARK: Items

    @Test("A stream gets what is published to either, once")
    func streams() async throws {
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { one in
                    try await both.publisher.proxy.client { other in
                        for client in [both.holder, both.publisher] {
                            #expect(client.bus.attendedChannels == [])
                        }
                        try await one.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await one.text(upTo: "[open]\n\r\n") != nil)
                        try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await other.text(upTo: "[open]\n\r\n") != nil)
                        try await both.wait(forInterestIn: ["a"])
                        for number in 0..<10 {
                            let instance = number.isMultiple(of: 2) ? both.publisher : both.holder
                            try await instance.proxy.publish(text: "\(number)\\n")
                            #expect(try await one.text(upTo: "\n\r\n") == "2\r\n\(number)\n\r\n")
                            #expect(try await other.text(upTo: "\n\r\n") == "2\r\n\(number)\n\r\n")
                        }
                        #expect(
                            try await both.holder.proxy.metric(#"grip_proxy_items_received_total{source="bus"}"#) == 5
                        )
                        #expect(
                            try await both.holder.proxy.metric(#"grip_proxy_items_received_total{source="control"}"#)
                                == 5
                        )
                        #expect(try await both.holder.proxy.metric("grip_proxy_bus_items_published_total") == 5)
                        #expect(try await both.holder.proxy.metric("message_received") == 10)
                    }
                }
            }
        }
    }

    @Test("A long poll is answered by what is published elsewhere")
    func longPolls() async throws {
        try await TestOrigin.with([("Grip-Hold", "response"), ("Grip-Channel", "a")], "nothing\n") { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await both.wait(forInterestIn: ["a"])
                    try await both.publisher.proxy.publish(#""http-response":{"body":"news\n"}"#)
                    #expect(try await client.response()?.body == "news\n")
                }
            }
        }
    }

    @Test("A WebSocket gets what is published elsewhere")
    func webSockets() async throws {
        let message = #"c:{"type":"subscribe","channel":"a"}"#
        let events = "OPEN\r\nTEXT \(String(message.utf8.count, radix: 16))\r\n\(message)\r\n"
        let fields = [("Content-Type", "application/websocket-events"), ("Sec-WebSocket-Extensions", "grip")]
        try await TestOrigin.with(fields, events) { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await both.wait(forInterestIn: ["a"])
                    try await both.publisher.proxy.publish(text: "news")
                    #expect(try await client.frame()?.text == "news")
                }
            }
        }
    }

    // MARK: Interest

    @Test("Interest begins with the first subscriber and ends with the last")
    func interest() async throws {
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { one in
                    try await one.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await both.wait(forInterestIn: ["a"])
                    try await both.holder.proxy.client { other in
                        try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await other.text(upTo: "[open]\n") != nil)
                    }
                    try await both.holder.proxy.wait("the other is gone") {
                        try await both.holder.proxy.metric(#"grip_proxy_holds{kind="stream"}"#) == 1
                    }
                    #expect(both.holder.bus.attendedChannels == ["a"])
                }
                try await both.wait(forInterestIn: [])
            }
        }
    }

    @Test("Between long polls the interest stays")
    func linger() async throws {
        try await TestOrigin.with([("Grip-Hold", "response"), ("Grip-Channel", "a")], "nothing\n") { port in
            try await TwoProxies.with(originPort: port) {
                $0.delivery.subscriptionLinger = .seconds(2)
            } _: { both in
                try await both.holder.proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await both.wait(forInterestIn: ["a"])
                    let start = ContinuousClock.now
                    try await both.publisher.proxy.publish(#""http-response":{"body":"news\n"}"#)
                    #expect(try await client.response()?.body == "news\n")
                    try await both.wait(forInterestIn: [])
                    #expect(ContinuousClock.now - start > .seconds(1.9))
                }
            }
        }
    }

    // MARK: Gaps

    @Test("What is lost while the bus is cut is covered by a gap, of which operators are told once")
    func cut() async throws {
        let log = CapturedLog(level: .notice)
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await TwoProxies.with(originPort: port, log: log) { both in
                let proxy = both.holder.proxy
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n\r\n") != nil)
                    try await both.wait(forInterestIn: ["a"])
                    both.holder.bus.cut()
                    try await proxy.wait("the bus is cut") { try await proxy.metric("grip_proxy_bus_connected") == 0 }
                    try await both.publisher.proxy.publish(text: "lost\\n")
                    both.holder.bus.mend()
                    try await proxy.wait("there is a gap") {
                        try await proxy.metric(#"grip_proxy_bus_gaps_total{reason="disconnected"}"#) == 1
                    }
                    #expect(try await proxy.metric("grip_proxy_bus_connected") == 1)
                    try await both.publisher.proxy.publish(text: "next\\n")
                    #expect(try await client.text(upTo: "\n\r\n") == "5\r\nnext\n\r\n")
                }
            }
        }
        let lines = log.entries.map(\.message).filter { $0.contains("the bus is not connected") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("a test has cut it") == true)
    }

    @Test(
        "A stream with next links gets every event once and in order, whatever the bus loses",
        arguments: 0..<3 as Range<UInt64>
    )
    func events(seed: UInt64) async throws {
        let origin = EventOrigin()
        try await withServer(origin.serve) { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { client in
                    try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open 0]\n\r\n") != nil)
                    try await both.wait(forInterestIn: ["a"])
                    async let published: Void = Self.publishEvents(of: origin, through: both, seed: seed)
                    var received: [Int] = []
                    while received.last != 60, let line = try await client.text(upTo: "\n") {
                        if let match = line.firstMatch(of: #/^event (\d+)/#), let number = Int(match.1) {
                            received.append(number)
                        }
                    }
                    try await published
                    #expect(received == Array(1...60))
                }
            }
        }
    }

    @Test("Long polls get every event once and in order, whatever the bus loses", arguments: 0..<3 as Range<UInt64>)
    func polledEvents(seed: UInt64) async throws {
        let origin = EventOrigin()
        try await withServer(origin.serve) { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { client in
                    async let published: Void = Self.publishEvents(of: origin, through: both, seed: seed)
                    var received: [Int] = []
                    while received.last != 60 {
                        try await client.send("GET /poll?after=\(received.last ?? 0) HTTP/1.1\r\nHost: a\r\n\r\n")
                        let body = try #require(try await client.response()?.body)
                        received += body.split(separator: "\n").compactMap { Int($0.dropFirst("event ".count)) }
                    }
                    try await published
                    #expect(received == Array(1...60))
                }
            }
        }
    }

    private static func publishEvents(of origin: EventOrigin, through both: TwoProxies, seed: UInt64) async throws {
        let bus = both.holder.bus
        for _ in 0..<60 {
            let number = origin.append()
            switch number {
            case 8: bus.drop(1)
            case 16: bus.cut()
            case 22: bus.mend()
            case 30: bus.hold()
            case 38: bus.release(reordering: seed)
            case 45: bus.drop(3)
            case 52: both.publisher.bus.cut()
            case 55: both.publisher.bus.mend()
            case 58: bus.delay = .milliseconds(20)
            default: break
            }
            try await both.publisher.proxy.publish(
                #""http-stream":{"content":"event \#(number)\n"},"http-response":{"body":"event \#(number)\n"}"#,
                ids: #""id":"\#(number)","prev-id":"\#(number - 1)","#
            )
            // Of a publisher that the bus refuses, nobody else hears: its application looks after that.
            if number == 54 {
                bus.cut()
                bus.mend()
            }
        }
    }

    // MARK: Refusals

    private static func publish(
        _ text: String,
        _ fields: String = "",
        to proxy: ProxyScope
    ) async throws -> TestConnection.Response? {
        let body = #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"\#(text)"}}}]}"#
        return try await proxy.publisher { connection in
            try await connection.send(
                "POST /publish HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            return try await connection.response()
        }
    }

    @Test(
        "The answer to a publish says when the bus has refused it",
        arguments: ["", "Accept: application/json\r\n", "Prefer: return=representation\r\n"]
    )
    func refusal(fields: String) async throws {
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await TwoProxies.with(originPort: port) { both in
                let (proxy, bus) = (both.publisher.proxy, both.publisher.bus)
                let taken = try #require(try await Self.publish("x", fields, to: proxy))
                #expect(taken.code == 200)
                #expect(!taken.fields.contains { $0.hasPrefix("Grip-Bus-Refused") })
                for refusal in [GRIPBusAcceptance.Refusal.full, .disconnected] {
                    if refusal == .disconnected { bus.cut() } else { bus.refuse(with: refusal) }
                    let answer = try #require(try await Self.publish("x", fields, to: proxy))
                    #expect(answer.code == 200)
                    #expect(answer.fields.contains("Grip-Bus-Refused: \(refusal)"))
                    #expect(answer.body == taken.body)
                    let metric = #"grip_proxy_bus_items_refused_total{reason="\#(refusal)"}"#
                    #expect(try await proxy.metric(metric) == 1)
                    #expect(try await proxy.server.publish([Self.item("x")]) == .refused(reason: refusal))
                    #expect(proxy.server.enqueue([Self.item("x")]))
                    #expect(try await proxy.metric(metric) == 3)
                }
                bus.mend()
                bus.refuse(with: nil)
                #expect(try await proxy.server.publish([Self.item("x")]) == .taken)
            }
        }
    }

    @Test("One that is too large for the bus does not keep back the others")
    func tooLarge() async throws {
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await TwoProxies.with(originPort: port, maximumBytes: 1000) { both in
                try await both.holder.proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n\r\n") != nil)
                    try await both.wait(forInterestIn: ["a"])
                    let large = String(repeating: "x", count: 2000)
                    let items = ["one\n", large, "two\n"].map { Self.item($0) }
                    #expect(try await both.publisher.proxy.server.publish(items) == .refused(reason: .tooLarge))
                    #expect(try await client.text(upTo: "two\n\r\n") == "4\r\none\n\r\n4\r\ntwo\n\r\n")
                }
            }
        }
    }

    @Test("Without room for more, items of others are left out and their clients look again")
    func leftOut() async throws {
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await TwoProxies.with(originPort: port) {
                $0.limits.publishedBytes = 1000
            } _: { both in
                let proxy = both.holder.proxy
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n\r\n") != nil)
                    try await both.wait(forInterestIn: ["a"])
                    let backlog = proxy.server.core.hub.backlog
                    backlog.add(2001)
                    #expect(try await both.publisher.proxy.server.publish([Self.item("lost\n")]) == .taken)
                    try await proxy.wait("it is left out") {
                        try await proxy.metric("grip_proxy_bus_items_left_out_total") == 1
                    }
                    // It is counted after the items.
                    try await proxy.wait("the gap is counted") {
                        try await proxy.metric(#"grip_proxy_bus_gaps_total{reason="overflow"}"#) == 1
                    }
                    backlog.remove(2001)
                    #expect(try await both.publisher.proxy.server.publish([Self.item("next\n")]) == .taken)
                    #expect(try await client.text(upTo: "\n\r\n") == "5\r\nnext\n\r\n")
                }
            }
        }
    }

    // MARK: Life

    @Test("A bus ends with its proxy")
    func end() async throws {
        let bus = try await TestOrigin.with(Self.stream, "") { port in
            try await TwoProxies.with(originPort: port) { both in
                #expect(both.holder.bus.publish([Self.item("x")]) == .taken)
                return both.holder.bus
            }
        }
        #expect(bus.publish([Self.item("x")]) == .refused(reason: .disconnected))
    }

    private struct BrokenBus: GRIPBus {
        struct WrongSetting: Error, CustomStringConvertible { let description = "the setting is wrong" }

        func run(_ receiver: any GRIPBusReceiver) async throws { throw WrongSetting() }
        func attend(_ channels: [String]) {}
        func ignore(_ channels: [String]) {}
        func publish(_ publications: [GRIPPublication]) -> GRIPBusAcceptance { .refused(reason: .disconnected) }
    }

    @Test("A proxy whose bus cannot run serves its own clients, and says why")
    func broken() async throws {
        let log = CapturedLog(level: .notice)
        try await TestOrigin.with(Self.stream, "[open]\n") { port in
            try await withProxy(log: log, bus: BrokenBus()) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n\r\n") != nil)
                    #expect(try await proxy.server.publish([Self.item("x\n")]) == .refused(reason: .disconnected))
                    #expect(try await client.text(upTo: "\n\r\n") == "2\r\nx\n\r\n")
                }
            }
        }
        #expect(log.entries.contains { $0.message.contains("the bus cannot connect: the setting is wrong") })
    }
}
