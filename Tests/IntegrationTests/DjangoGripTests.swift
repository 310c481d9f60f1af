import GRIP
import GRIPPublisher
import NIOCore
import NIOHTTP1
import Testing

/// What django-grip's README shows, as a Django application behind each kind of proxy.
@Suite("django-grip", .serialized, .needsProxy, .needsPython, .timeLimit(.minutes(5))) struct DjangoGripTests {
    private func withApplication(
        behind proxy: ProxyUnderTest,
        server: PythonServer = .gunicorn,
        options: [String] = [],
        _ body: (DjangoApplication) async throws -> Void
    ) async throws {
        try await withDjangoApplication("django_app.py", behind: proxy, server: server, options: options, body)
    }

    @Test("What a view publishes reaches the streams", arguments: ProxyUnderTest.all, PythonServer.allCases)
    func stream(proxy: ProxyUnderTest, server: PythonServer) async throws {
        try await self.withApplication(behind: proxy, server: server) { application async throws in
            try await withStream("\(application.url)/stream") { one async throws in
                try await withStream("\(application.url)/stream") { two async throws in
                    for stream in [one, two] {
                        #expect(stream.status == .ok)
                        #expect(stream.headers["Content-Type"] == ["text/plain"])
                        #expect(!stream.headers.contains { $0.name.lowercased().hasPrefix("grip-") })
                        #expect(try await stream.readUntil("\n") == "[stream open]\n")
                    }
                    for text in ["hi", "grüße & 100% + \"more\"", "", "bye"] {
                        let posted = try await application.post("/stream", ["data": text])
                        #expect(posted.status == .ok)
                        #expect(posted.body == "Ok\n")
                        for stream in [one, two] { #expect(try await stream.readUntil("\n") == "\(text)\n") }
                    }
                }
            }
        }
    }

    @Test("Only the proxy's requests are held", arguments: ProxyUnderTest.all)
    func pastTheProxy(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            let direct = try await fetch("\(application.originURL)/stream")
            #expect(direct.status == .notImplemented)
            let forged: HTTPHeaders = ["Grip-Sig": "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9."]
            #expect(try await fetch("\(application.originURL)/stream", headers: forged).status == .notImplemented)
            try await withStream("\(application.url)/stream", headers: forged) { stream async throws in
                #expect(try await stream.readUntil("\n") == "[stream open]\n")
            }
        }
    }

    @Test("A stream on two channels is kept alive", arguments: ProxyUnderTest.all)
    func keepAlive(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await withStream("\(application.url)/ticking") { stream async throws in
                #expect(try await stream.readUntil("\n") == "[stream open]\n")
                #expect(try await stream.readUntil("tick\ntick\n") == "tick\ntick\n")
                _ = try await application.post("/stream", ["data": "hi"])
                #expect(try await stream.readUntil("hi\n").hasSuffix("hi\n"))
            }
        }
    }

    @Test("A change answers the long-poll with its new ETag", arguments: ProxyUnderTest.all)
    func longPoll(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            let url = "\(application.url)/object"
            let first = try await fetch(url)
            #expect(first.status == .ok)
            #expect(first.headers["ETag"] == ["\"1\""])
            #expect(first.body == "one\n")
            let changed = try await answer {
                try await fetch(url, headers: ["If-None-Match": "\"1\""], within: .seconds(60))
            } publishing: {
                _ = try await application.post("/object", ["data": "two"])
            }
            #expect(changed.status == .ok)
            #expect(changed.headers["ETag"].count == 1)
            #expect(changed.headers["ETag"] != ["\"1\""])
            #expect(changed.body == "two\n")
        }
    }

    @Test("Without a change the long-poll ends as not modified", arguments: ProxyUnderTest.all)
    func longPollTimeout(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            let url = "\(application.url)/object?timeout=5"
            let unchanged = try await fetch(url, headers: ["If-None-Match": "\"1\""], within: .seconds(60))
            #expect(unchanged.status == .notModified)
            #expect(unchanged.headers["ETag"] == ["\"1\""])
            #expect(unchanged.body == "")
        }
    }

    @Test("A change between the application's answer and the hold is not lost", arguments: ProxyUnderTest.all)
    func longPollRace(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            // The proxy knows what a channel's last item was only while somebody is subscribed.
            try await withStream("\(application.url)/versions/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                let poll = try await fetch("\(application.url)/versions?since=1&meanwhile=two")
                #expect(poll.body == "2 two\n")
                #expect(try await stream.readUntil("\n") == "2 two\n")
            }
        }
    }

    @Test("A client that polls again after each answer ends with the last version", arguments: ProxyUnderTest.all)
    func lastVersion(proxy: ProxyUnderTest) async throws {
        let last = 6
        try await self.withApplication(behind: proxy) { application async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for version in 2...last {
                        let posted = try await application.post("/versions", ["data": "v\(version)"])
                        #expect(posted.body == "Ok\n")
                    }
                }
                var seen = 1
                while seen < last {
                    let poll = try await fetch("\(application.url)/versions?since=\(seen)", within: .seconds(60))
                    let version = try #require(poll.body.split(separator: " ").first.flatMap { Int($0) })
                    #expect(version > seen)
                    #expect(poll.body == "\(version) v\(version)\n")
                    seen = version
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test("A WebSocket is echoed and hears broadcasts", arguments: ProxyUnderTest.all, PythonServer.allCases)
    func webSocket(proxy: ProxyUnderTest, server: PythonServer) async throws {
        try await self.withApplication(behind: proxy, server: server) { application async throws in
            let port = application.proxy.httpPort
            try await withWebSocket(port: port, path: "/echo") { one async throws in
                try await withWebSocket(port: port, path: "/echo") { two async throws in
                    for message in ["hello", "grüße\r\nTEXT 1\r\nx\r\n", "", "in order"] {
                        for socket in [one, two] {
                            try await socket.send(message)
                            #expect(try await socket.receive() == .text(message))
                        }
                    }
                    let bytes = ByteBuffer(bytes: [0, 255, 13, 10])
                    try await one.send(binary: bytes)
                    #expect(try await one.receive() == .binary(bytes))

                    #expect(try await application.post("/broadcast", ["data": "to all"]).body == "Ok\n")
                    for socket in [one, two] { #expect(try await socket.receive() == .text("to all")) }

                    try await one.send("quiet")
                    #expect(try await one.receive() == .text("quiet"))
                    _ = try await application.post("/broadcast", ["data": "to two"])
                    #expect(try await two.receive() == .text("to two"))
                    try await one.send("only this")
                    #expect(try await one.receive() == .text("only this"))
                }
            }
        }
    }

    @Test("Messages sent at once are echoed in order", arguments: ProxyUnderTest.all)
    func webSocketBatches(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await withWebSocket(port: application.proxy.httpPort, path: "/echo") { socket async throws in
                for number in 0..<50 { try await socket.send("\(number)") }
                for number in 0..<50 { #expect(try await socket.receive() == .text("\(number)")) }
            }
        }
    }

    @Test("Pings are answered and a close is confirmed", arguments: ProxyUnderTest.all)
    func webSocketControl(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await withWebSocket(port: application.proxy.httpPort, path: "/echo") { socket async throws in
                try await socket.ping("are you there?")
                #expect(try await socket.receive() == .pong(ByteBuffer(string: "are you there?")))
                try await socket.close(code: 4321)
                #expect(try await socket.receive() == .close(code: 4321, reason: ""))
                #expect(try await socket.receive() == .disconnected)
            }
        }
    }

    @Test("The proxy keeps a connection's meta between requests", arguments: ProxyUnderTest.all)
    func webSocketMeta(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            let port = application.proxy.httpPort
            try await withWebSocket(port: port, path: "/count") { one async throws in
                try await withWebSocket(port: port, path: "/count") { two async throws in
                    for number in 1...3 {
                        try await one.send("count")
                        #expect(try await one.receive() == .text("\(number)"))
                    }
                    try await two.send("count")
                    #expect(try await two.receive() == .text("1"))
                }
            }
        }
    }

    @Test("A view for WebSockets takes nothing else, other views take no WebSocket", arguments: ProxyUnderTest.all)
    func webSocketOnly(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            let plain = try await fetch("\(application.url)/echo")
            #expect(plain.status == .badRequest)
            #expect(plain.body == "Request must contain WebSocket events.\n")
            let rejection = await #expect(throws: WebSocketRejected.self) {
                try await withWebSocket(port: application.proxy.httpPort, path: "/nowhere") { _ in }
            }
            #expect(rejection?.status == .notFound)
        }
    }

    @Test("A prefix keeps applications behind one proxy apart", arguments: ProxyUnderTest.all)
    func prefix(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy, options: ["--prefix", "app-"]) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                try await withWebSocket(port: application.proxy.httpPort, path: "/echo") { socket async throws in
                    _ = try await stream.readUntil("\n")
                    try await socket.send("ready")
                    #expect(try await socket.receive() == .text("ready"))
                    let item = try GRIPItem([.httpStream("not for us\n"), .webSocketMessage("not for us")])
                    let others = String(buffer: GRIPPublication.json([GRIPPublication(item, to: "test")]))
                    let published = try await fetch("\(application.proxy.controlURL)/publish/", .POST, body: others)
                    #expect(published.status == .ok)
                    _ = try await application.post("/stream", ["data": "for us"])
                    _ = try await application.post("/broadcast", ["data": "for us"])
                    #expect(try await stream.readUntil("\n") == "for us\n")
                    #expect(try await socket.receive() == .text("for us"))
                }
            }
        }
    }

    @Test("What we publish reaches the clients of a Django application", arguments: ProxyUnderTest.all)
    func djangoApplication(proxy: ProxyUnderTest) async throws {
        try await withDjangoApplication("django_app.py", behind: proxy) { application async throws in
            let publisher = try GRIPHTTPPublisher(
                configuration: GRIPPublisherConfiguration(
                    proxies: [try .pushpin(controlURI: application.proxy.controlURL)]
                )
            )
            let item = try GRIPItem([.httpResponse("hi\n"), .httpStream("hi\n"), .webSocketMessage("hi")])
            try await withStream("\(application.url)/stream") { stream async throws in
                try await withWebSocket(port: application.proxy.httpPort, path: "/echo") { socket async throws in
                    #expect(try await stream.readUntil("\n") == "[stream open]\n")
                    try await socket.send("ready")
                    #expect(try await socket.receive() == .text("ready"))
                    let poll = try await answer {
                        try await fetch("\(application.url)/poll", within: .seconds(60))
                    } publishing: {
                        try await publisher.publish(item, to: "test")
                    }
                    #expect(poll.body == "hi\n")
                    #expect(try await stream.readUntil("\n") == "hi\n")
                    #expect(try await socket.receive() == .text("hi"))
                }
            }
        }
    }
}
