import GRIP
import GRIPTesting
import Testing

@testable import GRIPProxy

/// What instances tell each other about presence is neither made nor read by clients and publishers.
@Suite("Channels that instances use among themselves", .timeLimit(.minutes(5))) struct ReservedChannelTests {
    private static let reserved = "\u{1}grip-presence/all"

    @Test("Clients get nothing of other instances there, and publishers reach their own instance only")
    func both() async throws {
        let messages = [
            #"c:{"type":"subscribe","channel":"\u0001grip-presence/all"}"#, #"c:{"type":"subscribe","channel":"a"}"#,
        ]
        let events = messages.map { "TEXT \(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
        let fields = [("Content-Type", "application/websocket-events"), ("Sec-WebSocket-Extensions", "grip")]
        try await TestOrigin.with(fields, "OPEN\r\n\(events)") { port in
            try await TwoProxies.with(originPort: port) { both in
                try await both.holder.proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await both.holder.proxy.wait("the interest") {
                        both.holder.bus.attendedChannels.contains("a")
                    }
                    #expect(!both.holder.bus.attendedChannels.contains(Self.reserved))
                    // Also where the bus brings something all the same.
                    both.holder.bus.attend([Self.reserved])
                    let name = #"\u0001grip-presence/all"#
                    try await both.publisher.proxy.publish(text: "forged", to: name)
                    let counted = #"grip_proxy_bus_items_refused_total{reason="reserved"}"#
                    #expect(try await both.publisher.proxy.metric(counted) == 1)
                    _ = both.publisher.bus.publish([
                        GRIPPublication(
                            GRIPItem(.webSocketMessage("forged too")),
                            to: GRIPChannel(unchecked: Self.reserved)
                        )
                    ])
                    let items = [Self.reserved, "a"].map { name in
                        GRIPPublication(GRIPItem(.webSocketMessage("for others")), to: GRIPChannel(unchecked: name))
                    }
                    #expect(try await both.publisher.proxy.server.publish(items) == .taken)
                    #expect(try await client.frame()?.text == "for others")
                    try await both.holder.proxy.publish(text: "own", to: name)
                    #expect(try await client.frame()?.text == "own")
                    #expect(try await both.holder.proxy.metric("message_sent") == 2)
                }
            }
        }
    }
}
