import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import InMemoryLogging
import Logging
import NIOCore
import NIOHTTP1
import Testing

/// Connections with as many channels as they may have, and with more.
@Suite("Embedded: the limit of channels", .serialized, .timeLimit(.minutes(5))) struct EmbeddedChannelLimitTests {
    private let log = InMemoryLogHandler()

    private static func channels(_ count: Int) throws -> [GRIPChannel] {
        try (1...count).map { try GRIPChannel("c\($0)") }
    }

    @Sendable private static func routes(_ router: TestRouter) {
        router.get("stream/{count}") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            return "open \(context.grip.channelLimit ?? 0)\n".held(
                try GRIPInstruction(hold: .stream(keepAlive: nil), channels: Self.channels(count))
            )
        }
        router.get("poll/{count}") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            return "nothing\n".held(
                try GRIPInstruction(hold: .response(timeout: .seconds(50)), channels: Self.channels(count))
            )
        }
        router.get("document/{count}") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            return try GRIPInstructDocument(
                GRIPInstruction(hold: .stream(keepAlive: nil), channels: Self.channels(count)),
                response: .init(body: "open 200\n")
            )
        }
        router.webSocketOverHTTP("socket") { socket, _, _ in
            if socket.isOpening { socket.accept() }
            for channel in socket.joined { socket.send("joined \(channel)") }
            for message in socket.messages {
                if let count = Int(String(buffer: message.bytes)) {
                    for channel in try Self.channels(count - 1) { socket.subscribe(to: channel) }
                    try socket.join("c\(count)")
                } else {
                    socket.send("limit \(socket.channelLimit ?? 0), left out \(socket.leftOut)")
                }
            }
        }
    }

    private func withApplication(
        limit: Int?,
        _ body: @Sendable (_ port: Int, _ grip: GRIPOrigin) async throws -> Void
    ) async throws {
        let log = self.log
        let grip = try GRIPOrigin(GRIPConfiguration(), logger: Logger(label: "test", factory: { _ in log }))
        let router = TestRouter(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        Self.routes(router)
        var proxy = GRIPProxyServerConfiguration.embedded
        // A second look at the application would be another hold, with a warning of its own.
        proxy.delivery.updatesOnFirstSubscription = false
        // What fits into the limit of open files that tests run with, or there is a warning of that.
        proxy.limits.connections = 100
        if let limit { proxy.limits.subscriptionsPerConnection = limit }
        try await withServer(router, .grip(grip, configuration: proxy), services: [grip]) { port in
            try await body(port, grip)
        }
    }

    private func warnings() -> [InMemoryLogHandler.Entry] { self.log.entries.filter { $0.level == .warning } }

    /// Numbers of channels, and the limit: the embedded proxy's own, or the one that other proxies have.
    static let cases: [(Int, Int?)] = [(20, nil), (21, nil), (200, nil), (201, nil), (20, 20), (21, 20)]

    @Test("Streams", arguments: cases, ["stream", "document"])
    func stream(_ numbers: (count: Int, limit: Int?), _ path: String) async throws {
        let limit = numbers.limit ?? 200
        try await self.withApplication(limit: numbers.limit) { port, grip in
            try await withStream("http://127.0.0.1:\(port)/\(path)/\(numbers.count)") { stream async throws in
                let first = path == "stream" ? "open \(limit)\n" : "open 200\n"
                #expect(try await stream.readUntil("\n") == first)
                try await grip.publish(.httpStream("last\n"), to: GRIPChannel("c\(numbers.count)"))
                try await grip.publish(.httpStream("first\n"), to: "c1")
                let expected = numbers.count <= limit ? "last\nfirst\n" : "first\n"
                #expect(try await stream.readUntil("first\n") == expected)
            }
        }
        try self.checkLog(numbers.count, limit: limit, holder: "a response holds a client on \(numbers.count) channels")
    }

    @Test("Long polls", arguments: cases)
    func poll(_ numbers: (count: Int, limit: Int?)) async throws {
        let limit = numbers.limit ?? 200
        try await self.withApplication(limit: numbers.limit) { port, grip in
            let response = try await answer {
                try await fetch("http://127.0.0.1:\(port)/poll/\(numbers.count)")
            } publishing: {
                try await grip.publish(.httpResponse("last\n"), to: GRIPChannel("c\(numbers.count)"))
                // Otherwise the hold could begin between the two, and the second one would be the answer.
                if numbers.count > limit { try await grip.publish(.httpResponse("first\n"), to: "c1") }
            }
            #expect(response.body == (numbers.count <= limit ? "last\n" : "first\n"))
        }
        try self.checkLog(numbers.count, limit: limit, holder: "a response holds a client on \(numbers.count) channels")
    }

    @Test("WebSockets", arguments: cases)
    func webSocket(_ numbers: (count: Int, limit: Int?)) async throws {
        let limit = numbers.limit ?? 200
        try await self.withApplication(limit: numbers.limit) { port, grip in
            try await withWebSocket(port: port, path: "/socket") { socket async throws in
                try await socket.send("\(numbers.count)")
                guard case .ping(let payload) = try await socket.receive() else {
                    Issue.record("no ping")
                    return
                }
                // The handler learns it with the next request, before that of the pong.
                try await socket.send("what")
                let isWhole = numbers.count <= limit
                let leftOut = isWhole ? [] : ["c\(numbers.count)"]
                #expect(try await socket.receive() == .text("limit \(limit), left out \(leftOut)"))
                try await socket.pong(String(buffer: payload))
                // It is told once, and a subscription that does not stand is never among those that do.
                if isWhole { #expect(try await socket.receive() == .text("joined c\(numbers.count)")) }
                try await socket.send("what")
                #expect(try await socket.receive() == .text("limit \(limit), left out []"))
                try await grip.publish(.webSocketMessage("last"), to: GRIPChannel("c\(numbers.count)"))
                try await grip.publish(.webSocketMessage("first"), to: "c1")
                if isWhole { #expect(try await socket.receive() == .text("last")) }
                #expect(try await socket.receive() == .text("first"))
            }
        }
        // What the application says about it is in the framework's log.
        try self.checkLog(numbers.count, limit: limit, holder: nil)
    }

    /// Where channels are left out, both the proxy and the application say it, each of them once.
    private func checkLog(_ count: Int, limit: Int, holder: String?) throws {
        let warnings = self.warnings()
        guard count > limit else { return #expect(warnings.isEmpty) }
        let ofProxy = warnings.filter { "\($0.message)".contains("'c\(count)' is over the limit of channels") }
        #expect(ofProxy.count == 1)
        #expect(ofProxy.first?.metadata["grip.channel"] == "c\(count)")
        guard let holder else { return #expect(warnings.count == 1) }
        let ofApplication = warnings.filter { "\($0.message)".contains(holder) }
        #expect(ofApplication.count == 1)
        #expect(warnings.count == 2)
        #expect(ofApplication.first?.metadata["grip.channel"] == "c\(count)")
        #expect(ofApplication.first?.metadata["grip.limit"] == "\(limit)")
    }
}
