import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Streams and long polls that an application's own proxy holds.
@Suite("Embedded: holds", .serialized, .timeLimit(.minutes(5))) struct EmbeddedHoldTests {
    /// An object with versions.
    private final class Object: Sendable {
        let state = Mutex((number: 1, asked: 0))

        var etag: String { "\"v\(self.state.withLock { $0.number })\"" }
        var asked: Int { self.state.withLock { $0.asked } }

        func ask() { self.state.withLock { $0.asked += 1 } }

        func change() -> (before: String, after: String) {
            self.state.withLock { state in
                state.number += 1
                return ("v\(state.number - 1)", "v\(state.number)")
            }
        }
    }

    @Sendable private static func streamRoutes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.get("stream") { _, context in
            "[stream open]\n".held(.stream(on: "test"))
        }
        router.post("stream") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 200_000))
            try await grip.publish(.httpStream("\(text)\n"), to: "test")
            return "Ok\n"
        }
    }

    private static func publish(_ object: Object, by grip: GRIPOrigin) async throws {
        let (before, after) = object.change()
        try await grip.publish(
            .httpResponse("\(after)\n", headers: [.eTag: "\"\(after)\""]),
            to: "object",
            id: after,
            previousID: before
        )
    }

    @Sendable private static func objectRoute(
        _ router: TestRouter,
        _ object: Object,
        timeout: Duration,
        beforeHold: @escaping @Sendable () async throws -> Void = {}
    ) {
        router.get("object") { request, _ in
            object.ask()
            let etag = object.etag
            guard request.headers[.ifNoneMatch] == etag else {
                return Response(status: .ok, headers: [.eTag: etag], body: .init(byteBuffer: ByteBuffer(string: "new")))
            }
            let id = String(etag.dropFirst().dropLast())
            try await beforeHold()
            let channel = try GRIPChannel("object", previousID: id)
            return Response(status: .notModified, headers: [.eTag: etag])
                .held(.response(on: channel, timeout: timeout))
        }
    }

    @Test("What is published reaches all clients, and no header of GRIP does")
    func tenClients() async throws {
        try await withEmbeddedApplication(routes: Self.streamRoutes) { application async throws in
            let count = 10
            let opened = Mailbox<Bool>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        try await withStream("\(application.url)/stream") { stream async throws in
                            #expect(!stream.headers.contains { $0.name.lowercased().hasPrefix("grip-") })
                            #expect(try await stream.readUntil("\n") == "[stream open]\n")
                            opened.put(true)
                            for number in 1...20 { #expect(try await stream.readUntil("\n") == "item \(number)\n") }
                        }
                    }
                }
                for _ in 0..<count { _ = try await opened.next(within: .seconds(60)) }
                for number in 1...20 {
                    let posted = try await fetch("\(application.url)/stream", .POST, body: "item \(number)")
                    #expect(posted.body == "Ok\n")
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("What is enqueued arrives in order")
    func enqueued() async throws {
        try await withEmbeddedApplication(routes: Self.streamRoutes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                for number in 1...500 { #expect(application.grip.enqueue(.httpStream("\(number)\n"), to: "test")) }
                #expect(application.grip.enqueue(.httpStreamClose, to: "test"))
                let body = String(buffer: try await stream.readToEnd())
                #expect(body == (1...500).map { "\($0)\n" }.joined())
            }
        }
    }

    @Test("More than can wait is refused, and nothing of it is lost that was taken")
    func tooMuchEnqueued() async throws {
        var proxy = GRIPProxyServerConfiguration()
        proxy.limits.publishedBytes = 10_000
        try await withEmbeddedApplication(proxy: proxy, routes: Self.streamRoutes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                let item = GRIPPublication(GRIPItem(.httpStream("x\n")), to: "test")
                let isTaken = application.grip.enqueue(Array(repeating: item, count: 1000))
                #expect(!isTaken)
                #expect(application.grip.enqueue(.httpStream("end\n"), to: "test"))
                #expect(try await stream.readUntil("\n") == "end\n")
            }
        }
    }

    @Test("The prefix stands before channels on both ways")
    func prefix() async throws {
        let configuration = GRIPConfiguration(prefix: try GRIPPrefix("app-"))
        try await withEmbeddedApplication(configuration, routes: Self.streamRoutes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                try await application.grip.publish(.httpStream("hi\n"), to: "test")
                #expect(try await stream.readUntil("\n") == "hi\n")
            }
        }
    }

    @Test("The result of a publish names the embedded proxy, whether there are clients or not")
    func results() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        await #expect(throws: GRIPPublishError.self) { try await grip.publish(.httpStream("hi\n"), to: "test") }
        #expect(!grip.enqueue(.httpStream("hi\n"), to: "test"))

        _ = HTTPServerBuilder.grip(grip)
        let early = try await grip.publish(.httpStream("hi\n"), to: "test")
        #expect(early.outcomes == [.init(controlURI: "embedded:", accepted: 1)])
        #expect(grip.enqueue(.httpStream("hi\n"), to: "test"))

        try await withEmbeddedApplication(routes: Self.streamRoutes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                let result = try await application.grip.publish(.httpStream("hi\n"), to: "test")
                #expect(result.outcomes == [.init(controlURI: "embedded:", accepted: 1)])
            }
        }
    }

    @Test("Two servers of one origin both get what is published")
    func twoServers() async throws {
        try await withEmbeddedApplication(routes: Self.streamRoutes) { first async throws in
            let router = TestRouter(context: BasicGRIPRequestContext.self)
            router.add(middleware: GRIPMiddleware(first.grip))
            Self.streamRoutes(router, first.grip)
            try await withServer(router, .grip(first.grip)) { second async throws in
                try await withStream("\(first.url)/stream") { one async throws in
                    try await withStream("http://127.0.0.1:\(second)/stream") { two async throws in
                        for stream in [one, two] { #expect(try await stream.readUntil("\n") == "[stream open]\n") }
                        try await first.grip.publish(.httpStream("hi\n"), to: "test")
                        for stream in [one, two] { #expect(try await stream.readUntil("\n") == "hi\n") }
                    }
                }
            }
            try await withStream("\(first.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                let result = try await first.grip.publish(.httpStream("again\n"), to: "test")
                #expect(result.outcomes.count == 1)
                #expect(try await stream.readUntil("\n") == "again\n")
            }
        }
    }

    @Test("A long poll is answered by what is published")
    func longPoll() async throws {
        let object = Object()
        try await withEmbeddedApplication { router, _ in
            Self.objectRoute(router, object, timeout: .seconds(30))
        } _: { application async throws in
            let answer = try await answer {
                try await fetch("\(application.url)/object", headers: ["If-None-Match": "\"v1\""])
            } publishing: {
                if object.asked > 0, object.etag == "\"v1\"" { try await Self.publish(object, by: application.grip) }
            }
            #expect(answer.status == .ok)
            #expect(answer.body == "v2\n" || answer.body == "new")
            #expect(answer.headers["etag"] == ["\"v2\""])
        }
    }

    @Test("A long poll that nothing happens to ends with the handler's answer")
    func longPollTimesOut() async throws {
        let object = Object()
        var proxy = GRIPProxyServerConfiguration()
        // Otherwise the handler is asked again after a second, and the time begins anew.
        proxy.delivery.updatesOnFirstSubscription = false
        try await withEmbeddedApplication(proxy: proxy) { router, _ in
            Self.objectRoute(router, object, timeout: .seconds(1))
        } _: { application async throws in
            let answer = try await fetch("\(application.url)/object", headers: ["If-None-Match": "\"v1\""])
            #expect(answer.status == .notModified)
            #expect(answer.headers["etag"] == ["\"v1\""])
            #expect(object.asked == 1)
        }
    }

    @Test("What is published between a handler's look and the hold is not missed")
    func retry() async throws {
        let object = Object()
        let isFirst = Mutex(true)
        try await withEmbeddedApplication { router, grip in
            Self.objectRoute(router, object, timeout: .seconds(30)) {
                guard isFirst.withLock({ exchange(&$0, with: false) }) else { return }
                try await Self.publish(object, by: grip)
            }
        } _: { application async throws in
            // Somebody has to be on the channel, or nobody remembers what was published last.
            try await withConnection(to: application.port) { other async throws in
                try await other.send("GET /object HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"v1\"\r\n\r\n")
                let answer = try await other.readUntil("new")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(object.asked == 2)
            }
        }
    }

    @Test("Clients cannot pretend to be the proxy")
    func forgery() async throws {
        try await withEmbeddedApplication { router, _ in
            router.get("who") { request, context in
                "\(context.grip.isSigned) \(context.grip.isProxied) \(context.grip.lastIDs.count)\n"
            }
            router.webSocketOverHTTP("socket") { socket, _, _ in socket.accept() }
        } _: { application async throws in
            let who = try await fetch(
                "\(application.url)/who",
                headers: ["Grip-Sig": "x.y.z", "Grip-Last": "test; last-id=1"]
            )
            #expect(who.body == "true true 0\n")
            let events = try await fetch(
                "\(application.url)/socket",
                .POST,
                headers: ["Content-Type": "application/websocket-events", "Connection-Id": "1"],
                body: "OPEN\r\n"
            )
            #expect(events.status.code >= 400)
        }
    }

    @Test("The proxy's own limits hold")
    func limits() async throws {
        var proxy = GRIPProxyServerConfiguration()
        proxy.limits.requestHead = 2_000
        try await withEmbeddedApplication(proxy: proxy, routes: Self.streamRoutes) { application async throws in
            let headers: HTTPHeaders = ["X-Long": String(repeating: "x", count: 3_000)]
            #expect(try await fetch("\(application.url)/stream", headers: headers).status.code == 431)
        }
    }

    @Test("A setting that cannot be used ends the application at once")
    func badSetting() async throws {
        var proxy = GRIPProxyServerConfiguration()
        proxy.limits.queuedItems = -1
        let configuration = proxy
        await #expect(throws: GRIPProxyServerConfigurationError.self) {
            try await withEmbeddedApplication(proxy: configuration, routes: Self.streamRoutes) { _ in true }
        }
    }
}
