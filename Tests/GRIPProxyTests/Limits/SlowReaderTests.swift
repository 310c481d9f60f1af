import GRIP
import NIOCore
import Testing

@testable import GRIPProxy

/// Clients that read nothing while items are published, and one beside them that does.
@Suite("Limits: queuedBytes and overflow", .timeLimit(.minutes(5)))
struct SlowReaderTests {
    private static let overflowed = "grip_proxy_deliveries_overflowed_total"
    private static let overflowedBytes = "grip_proxy_deliveries_overflowed_bytes_total"
    private static let padding = String(repeating: "x", count: 100_000)

    enum Kind: String, CaseIterable {
        case stream = "http-stream"
        case webSocket = "ws-message"

        func open(_ client: inout TestConnection) async throws {
            switch self {
            case .stream:
                try await client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.text(upTo: "[stream opened]\n")
            case .webSocket:
                _ = try await client.openWebSocket("/ws?channel=a")
                // What comes back has passed all that the handshake brought about.
                try await client.send(0x1, "echo")
                _ = try await client.text(upTo: "echo")
            }
        }

        /// Publishes a large item that ends with a number.
        ///
        /// - Returns: How many clients it was written to.
        func publish(_ number: Int, by proxy: ProxyScope) async throws -> Int {
            try await proxy.publish("\"\(self.rawValue)\":{\"content\":\"\(SlowReaderTests.padding)<\(number)>\"}")
        }
    }

    /// Runs a proxy, a client that reads nothing any more and one that reads everything.
    private static func run(
        _ kind: Kind,
        _ overflow: GRIPProxyServerConfiguration.Limits.Overflow,
        _ body: (ProxyScope, _ slow: inout TestConnection, _ fast: inout TestConnection) async throws -> Void
    ) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.queuedBytes = 500_000
            $0.limits.overflow = overflow
        } _: { proxy in
            try await proxy.client { slow in
                try await proxy.client { fast in
                    try await kind.open(&slow)
                    try await kind.open(&fast)
                    try await slow.stopReading()
                    try await body(proxy, &slow, &fast)
                }
            }
        }
    }

    /// Publishes until an item does not go to both; the client that reads gets all of them.
    ///
    /// - Returns: The number of the first item that the other one did not get.
    private static func fill(_ kind: Kind, _ proxy: ProxyScope, _ fast: inout TestConnection) async throws -> Int {
        for number in 0..<1000 {
            let count = try await kind.publish(number, by: proxy)
            #expect(try await fast.text(upTo: "<\(number)>") != nil)
            if count < 2 { return number }
        }
        Issue.record("Nothing overflows.")
        return 1000
    }

    @Test(
        "With 'close' a client that does not read is disconnected, and the others are not held back",
        arguments: Kind.allCases
    )
    func close(kind: Kind) async throws {
        try await Self.run(kind, .close) { proxy, slow, fast in
            let first = try await Self.fill(kind, proxy, &fast)
            #expect(try await proxy.metric(Self.overflowed) == 1)
            #expect(try await proxy.metric(Self.overflowedBytes) == Self.padding.utf8.count + "<\(first)>".utf8.count)
            try await slow.startReading()
            let text = try await slow.rest()
            #expect(!text.contains("<\(first)>"))
            #expect(try await kind.publish(1000, by: proxy) == 1)
            #expect(try await fast.text(upTo: "<1000>") != nil)
        }
    }

    @Test("With 'drop' such a client misses items and gets others when it reads again", arguments: Kind.allCases)
    func drop(kind: Kind) async throws {
        try await Self.run(kind, .drop) { proxy, slow, fast in
            let first = try await Self.fill(kind, proxy, &fast)
            #expect(try await proxy.metric(Self.overflowed) == 1)
            #expect(try await kind.publish(first + 1, by: proxy) == 1)
            #expect(try await fast.text(upTo: "<\(first + 1)>") != nil)
            #expect(try await proxy.metric(Self.overflowed) == 2)
            try await slow.startReading()
            // All that was written arrives, whole and in order.
            for number in 0..<first { #expect(try await slow.text(upTo: "<\(number)>") != nil) }
            #expect(try await kind.publish(first + 2, by: proxy) == 2)
            let text = try await slow.text(upTo: "<\(first + 2)>")
            #expect(text?.contains("<\(first)>") == false && text?.contains("<\(first + 1)>") == false)
            #expect(try await proxy.metric(Self.overflowed) == 2)
        }
    }

    @Test("Small items count with the memory that they take while they wait", arguments: Kind.allCases)
    func smallItems(kind: Kind) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.queuedBytes = 500_000
        } _: { proxy in
            try await proxy.client { slow in
                try await kind.open(&slow)
                try await slow.stopReading()
                // The system takes some megabytes before anything goes on waiting, and may take a part a little later.
                try await proxy.wait("a part that goes on waiting") {
                    let pending = try await proxy.count { $0.pendingByteCount }
                    guard pending > 0 else {
                        _ = try await kind.publish(0, by: proxy)
                        return false
                    }
                    for _ in 0..<100 {
                        let now = try await proxy.count { $0.pendingByteCount }
                        guard now == pending else { return false }
                    }
                    return true
                }
                #expect(try await proxy.metric(Self.overflowed) == 0)
                let format = kind == .stream ? GRIPFormat.httpStream("x") : .webSocketMessage("x")
                let items = Array(repeating: GRIPPublication(GRIPItem(format), to: "a"), count: 100)
                var count = 0
                while try await proxy.metric(Self.overflowed) == 0, count < 10_000 {
                    try await proxy.server.publish(items)
                    count += items.count
                }
                #expect(count <= 500_000 / SocketOutput.overhead + 200)
            }
        }
    }

    @Test("A client that reads loses nothing, however much is published in all", arguments: Kind.allCases)
    func fast(kind: Kind) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.queuedBytes = 150_000
        } _: { proxy in
            try await proxy.client { fast in
                try await kind.open(&fast)
                for number in 0..<50 {
                    #expect(try await kind.publish(number, by: proxy) == 1)
                    #expect(try await fast.text(upTo: "<\(number)>") != nil)
                }
                #expect(try await proxy.metric(Self.overflowed) == 0)
            }
        }
    }

    @Test("Much that is published at once does not overflow before any of it was sent", arguments: Kind.allCases)
    func batch(kind: Kind) async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.queuedBytes = 100_000
        } _: { proxy in
            try await proxy.client { fast in
                try await kind.open(&fast)
                let items = (0..<10).map { number in
                    #"{"channel":"a","formats":{"\#(kind.rawValue)":{"content":"\#(Self.padding.prefix(20_000))<\#(number)>"}}}"#
                }
                let body = #"{"items":[\#(items.joined(separator: ","))]}"#
                try await proxy.publisher { connection in
                    try await connection.send(
                        "POST /publish HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                    #expect(try await connection.response()?.code == 200)
                }
                for number in 0..<10 { #expect(try await fast.text(upTo: "<\(number)>") != nil) }
                #expect(try await proxy.metric(Self.overflowed) == 0)
            }
        }
    }
}

extension ProxyLoop {
    /// What waits for clients, in bytes.
    fileprivate var pendingByteCount: Int {
        self.clients.values.reduce(0) { $0 + (($1 as? any SocketWriter)?.pendingByteCount ?? 0) }
    }
}
