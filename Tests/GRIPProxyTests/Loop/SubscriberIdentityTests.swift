import GRIPEngine
import Testing

@testable import GRIPProxy

@Suite("Who is subscribed", .timeLimit(.minutes(5))) struct SubscriberIdentityTests {
    /// How many subscribers of a channel are known with their connection and the user that the origin has named.
    private static func known(_ proxy: ProxyScope, _ kind: HoldKind) async throws -> Int {
        try await proxy.count { loop in
            let subscriptions = loop.registry["a"]?.members[kind] ?? []
            return subscriptions.count { subscription in
                let identity = subscription.member.identity
                return identity.meta == ["user": "u1"] && loop.clients[identity.connection] != nil
            }
        }
    }

    @Test("A stream and a long poll have the meta of their hold", arguments: [HoldKind.stream, .response])
    func holds(kind: HoldKind) async throws {
        let fields = [("Grip-Hold", kind.rawValue), ("Grip-Channel", "a"), ("Grip-Set-Meta", "user=\"u1\"")]
        try await TestOrigin.with(fields, "held\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await proxy.wait("the subscriber") { try await Self.known(proxy, kind) == 1 }
                }
            }
        }
    }

    @Test("A WebSocket has the meta that its origin has set")
    func webSocket() async throws {
        let messages = [
            #"c:{"type":"set-meta","name":"user","value":"u1"}"#, #"c:{"type":"subscribe","channel":"a"}"#,
        ]
        let events = messages.map { "TEXT \(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
        let fields = [("Content-Type", "application/websocket-events"), ("Sec-WebSocket-Extensions", "grip")]
        try await TestOrigin.with(fields, "OPEN\r\n" + events) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy in
                try await proxy.client { client in
                    let isOpen = try await client.openWebSocket("/")
                    #expect(isOpen)
                    try await proxy.wait("the subscriber") { try await Self.known(proxy, .webSocket) == 1 }
                }
            }
        }
    }
}
