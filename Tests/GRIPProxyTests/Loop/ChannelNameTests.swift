import GRIPProxy
import Testing

/// Names of channels are bytes: `é` can be one scalar or two, which look the same and are the same text in Swift.
@Suite("Channels whose names only look the same", .timeLimit(.minutes(5))) struct ChannelNameTests {
    private static let one = "\u{E9}"
    private static let other = "e\u{301}"

    @Test("A stream gets what is for its own channel", arguments: [[one], [other], [one, other], [other, one]])
    func streams(names: [String]) async throws {
        let channels = names.map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
        let body = #"{"hold":{"mode":"stream","channels":[\#(channels)]},"response":{"body":"[open]\n"}}"#
        try await TestOrigin.with([("Content-Type", "application/grip-instruct")], body) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n") != nil)
                    try await self.expectDeliveries(names, proxy)
                }
            }
        }
    }

    @Test("A WebSocket gets what is for its own channel", arguments: [[one], [other], [one, other], [other, one]])
    func webSockets(names: [String]) async throws {
        // Joining it a second time, or leaving the other, changes nothing.
        let left = [Self.one, Self.other].filter { name in !names.contains { $0.utf8.elementsEqual(name.utf8) } }
        let messages =
            (names + names).map { #"c:{"type":"subscribe","channel":"\#($0)"}"# }
            + left.map { #"c:{"type":"unsubscribe","channel":"\#($0)"}"# }
        let events = messages.map { "TEXT \(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
        let fields = [("Content-Type", "application/websocket-events"), ("Sec-WebSocket-Extensions", "grip")]
        try await TestOrigin.with(fields, "OPEN\r\n" + events) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await proxy.wait("the subscriptions") {
                        try await proxy.metric(#"grip_proxy_subscriptions{kind="ws"}"#) == names.count
                    }
                    try await self.expectDeliveries(names, proxy)
                }
            }
        }
    }

    /// Publishes to both, and expects that one connection gets what is for its channels.
    private func expectDeliveries(_ names: [String], _ proxy: ProxyScope) async throws {
        for name in [Self.one, Self.other] {
            let isSubscribed = names.contains { $0.utf8.elementsEqual(name.utf8) }
            #expect(try await proxy.publish(text: "x", to: name) == (isSubscribed ? 1 : 0))
        }
    }
}
