import GRIP
import GRIPEngine
import Logging
import NIOCore
import Testing

@testable import GRIPProxy

/// Who ends a connection says why, and that is why its member has left.
@Suite("Why members leave", .timeLimit(.minutes(5))) struct DepartureReasonTests {
    /// Lets a client join, and expects it to leave for a reason.
    private static func run(
        _ kind: HoldKind,
        _ reason: GRIPDepartureReason,
        access: String,
        _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in },
        _ body: (ProxyScope, inout TestConnection) async throws -> Void
    ) async throws {
        let log = CapturedLog(level: .info)
        try await MemberOrigin.with { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                // A long poll that looks again leaves for that, and comes back.
                $0.delivery.updatesOnFirstSubscription = false
                $0.presence.linger = .zero
                $0.accessLog.format = .text
                configure(&$0)
            } _: { proxy in
                var watcher = Watcher(at: proxy.server.presence)
                #expect(try await watcher.next() == "[]")
                try await proxy.client { client in
                    try await kind.join(&client, as: "alice")
                    #expect(try await watcher.next() == "+alice")
                    try await body(proxy, &client)
                    #expect(try await watcher.next() == "-alice \(reason)")
                }
                #expect(await log.entry(with: " end=")?.message.contains(" end=\(access) ") == true)
            }
        }
    }

    @Test("The client goes", arguments: HoldKind.allCases)
    func client(kind: HoldKind) async throws {
        try await Self.run(kind, .closed, access: "client-gone") { _, client in try await client.finish() }
    }

    @Test("A publisher ends it", arguments: HoldKind.allCases)
    func publisher(kind: HoldKind) async throws {
        try await Self.run(kind, .closed, access: "complete") { proxy, client in
            try await proxy.publish(
                #""http-stream":{"action":"close"},"http-response":{"body":"x"},"ws-message":{"action":"close"}"#,
                to: "room"
            )
            if kind == .webSocket { try await client.send(0x8) }
        }
    }

    @Test("An operator ends it", arguments: HoldKind.allCases)
    func operators(kind: HoldKind) async throws {
        try await Self.run(kind, .closed, access: "ended") { proxy, client in
            let ids = try await proxy.server.core.gather(on: proxy.group.any()) { Array($0.clients.keys) }.get()
                .joined()
            let id = try #require(ids.first)
            try await proxy.publisher { connection in
                try await connection.send("DELETE /connections/\(id) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.response()?.code == 200)
            }
            if kind == .webSocket { try await client.send(0x8) }
        }
    }

    @Test("Somebody removes the client", arguments: HoldKind.allCases)
    func kick(kind: HoldKind) async throws {
        try await Self.run(kind, .kicked, access: "kicked") { proxy, client in
            try await proxy.server.presence.kick("alice", from: "room")
            if kind == .webSocket { try await client.send(0x8) }
        }
    }

    @Test("The connection is old enough", arguments: HoldKind.allCases)
    func age(kind: HoldKind) async throws {
        try await Self.run(kind, .timedOut, access: "aged") {
            $0.timeouts.connectionAge = .seconds(2)
        } _: { _, client in
            if kind == .webSocket {
                #expect(try await client.frame()?.closeCode == 1001)
                try await client.send(0x8)
            }
        }
    }

    @Test("The client does not read", arguments: [HoldKind.stream, .webSocket])
    func overflow(kind: HoldKind) async throws {
        try await Self.run(kind, .overflow, access: "overflow") {
            $0.limits.queuedBytes = 500_000
        } _: { proxy, client in
            try await client.stopReading()
            let text = String(repeating: "x", count: 100_000)
            while try await proxy.publish(text: text, to: "room") > 0 {}
        }
    }

    @Test("The client does not answer a ping")
    func ping() async throws {
        try await Self.run(.webSocket, .timedOut, access: "client-timed-out") {
            $0.timeouts.webSocketPing = .seconds(1)
            $0.timeouts.webSocketPong = .milliseconds(1)
        } _: { _, _ in
        }
    }
}
