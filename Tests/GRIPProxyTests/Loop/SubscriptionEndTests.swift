import GRIPEngine
import NIOCore
import Testing

@testable import GRIPProxy

/// A subscription that ends knows why: whoever ended it has said so.
@Suite("Why subscriptions end", .timeLimit(.minutes(5))) struct SubscriptionEndTests {
    private static func open(_ kind: HoldKind, _ client: inout TestConnection, _ proxy: ProxyScope) async throws {
        switch kind {
        case .stream: try await client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
        case .response: try await client.send("GET /response?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
        case .webSocket: _ = try await client.openWebSocket("/ws?channel=a")
        }
        try await proxy.wait("the subscription") {
            try await proxy.count { loop in
                // A loop that has nothing yet would note nothing.
                loop.registry.notesChanges = true
                return loop.registry.count
            } == 1
        }
        _ = try await Self.ends(proxy)
    }

    /// Why subscriptions have ended since the last time.
    private static func ends(_ proxy: ProxyScope) async throws -> [ConnectionEnd] {
        try await proxy.server.core.gather(on: proxy.group.any()) { loop in
            loop.registry.takeChanges().compactMap { if case .left(_, let end) = $0 { end } else { nil } }
        }.get().flatMap(\.self)
    }

    private static func expect(_ end: ConnectionEnd, _ proxy: ProxyScope) async throws {
        var ends: [ConnectionEnd] = []
        try await proxy.wait("the end") {
            ends += try await Self.ends(proxy)
            return !ends.isEmpty
        }
        #expect(ends == [end])
    }

    private static func run(
        _ kind: HoldKind,
        _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in },
        _ body: (ProxyScope, inout TestConnection) async throws -> Void
    ) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            // A long poll that looks again ends its subscription for that.
            $0.delivery.updatesOnFirstSubscription = false
            configure(&$0)
        } _: { proxy in
            try await proxy.client { client in
                try await Self.open(kind, &client, proxy)
                try await body(proxy, &client)
            }
        }
    }

    @Test("The client goes", arguments: HoldKind.allCases)
    func client(kind: HoldKind) async throws {
        try await Self.run(kind) { proxy, client in
            try await client.finish()
            try await Self.expect(.clientGone, proxy)
        }
    }

    @Test("A publisher ends it", arguments: HoldKind.allCases)
    func publisher(kind: HoldKind) async throws {
        try await Self.run(kind) { proxy, _ in
            try await proxy.publish(
                #""http-stream":{"action":"close"},"http-response":{"body":"x"},"ws-message":{"action":"close"}"#
            )
            try await Self.expect(.complete, proxy)
        }
    }

    @Test(
        "An operator ends it, or removes the client",
        arguments: HoldKind.allCases,
        [.ended, .kicked, .shutDown] as [ConnectionEnd]
    )
    func operators(kind: HoldKind, end: ConnectionEnd) async throws {
        try await Self.run(kind) { proxy, client in
            _ = try await proxy.count { loop in
                if end == .shutDown { loop.beginShutdown(over: .zero) }
                return loop.clients.keys.count { loop.end($0, as: end) }
            }
            try await Self.expect(end, proxy)
            let isKicked = end == .kicked
            switch kind {
            case .stream:
                #expect(try await client.text(upTo: "[stream opened]\n\r\n") != nil)
                #expect(try await client.rest() == "0\r\n\r\n")
            case .response:
                let answer = try await client.response()
                #expect(answer?.code == (isKicked ? 403 : 200))
                #expect(answer?.body.contains("Kicked") == isKicked)
                #expect(try await client.rest() == "")
            case .webSocket:
                let close = try await client.frame()
                #expect(close?.closeCode == (isKicked ? 1008 : 1001))
                #expect(close?.text.hasSuffix("kicked") == isKicked)
            }
        }
    }

    @Test("The connection is old enough", arguments: HoldKind.allCases)
    func age(kind: HoldKind) async throws {
        try await Self.run(kind) {
            $0.timeouts.connectionAge = .seconds(2)
        } _: { proxy, _ in
            try await Self.expect(.aged, proxy)
        }
    }

    @Test("The client does not read", arguments: [HoldKind.stream, .webSocket])
    func overflow(kind: HoldKind) async throws {
        try await Self.run(kind) {
            $0.limits.queuedBytes = 500_000
        } _: { proxy, client in
            try await client.stopReading()
            let text = String(repeating: "x", count: 100_000)
            while try await proxy.publish(text: text) > 0 {}
            try await Self.expect(.overflow, proxy)
        }
    }

    @Test("The client does not answer a ping")
    func ping() async throws {
        try await Self.run(.webSocket) {
            $0.timeouts.webSocketPing = .seconds(1)
            $0.timeouts.webSocketPong = .milliseconds(1)
        } _: { proxy, _ in
            try await Self.expect(.clientTimedOut, proxy)
        }
    }
}
