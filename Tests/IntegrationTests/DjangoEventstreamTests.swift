import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// An application with django-eventstream, which stores events, behind each kind of proxy.
@Suite("django-eventstream", .serialized, .needsProxy, .needsPython, .timeLimit(.minutes(5)))
struct DjangoEventstreamTests {
    private static let opening = ServerSentEvent(type: "stream-open", id: nil, data: "")

    private static func message(_ text: String, id: String?) -> ServerSentEvent {
        ServerSentEvent(type: "message", id: id, data: "{\"text\": \"\(text)\"}")
    }

    /// Messages whose texts are numbers, as they are numbered in a channel that has no others.
    private static func messages(_ numbers: ClosedRange<Int>, channel: String = "room") -> [ServerSentEvent] {
        numbers.map { Self.message("\($0)", id: "\(channel):\($0)") }
    }

    private func withApplication(
        behind proxy: ProxyUnderTest,
        server: PythonServer = .gunicorn,
        settings: [String: String] = [:],
        _ body: (DjangoApplication) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await withDjangoApplication(
                "eventstream_app.py",
                behind: proxy,
                server: server,
                options: ["--folder", folder.path],
                settings: settings,
                body
            )
        }
    }

    private func withEvents(
        of application: DjangoApplication,
        _ target: String = "/events?channel=room",
        after lastID: String? = nil,
        as user: String? = nil,
        _ body: (StreamedResponse) async throws -> Void
    ) async throws {
        var headers: HTTPHeaders = ["Accept": "text/event-stream"]
        if let lastID { headers.add(name: "Last-Event-ID", value: lastID) }
        if let user { headers.add(name: "X-User", value: user) }
        try await withStream(application.url + target, headers: headers, body)
    }

    private func send(_ text: String, to channel: String = "room", of application: DjangoApplication) async throws {
        let answer = try await application.post("/send", ["channel": channel, "text": text])
        #expect(answer.body == "Ok\n")
    }

    @Test("A stream opens with the headers of the application", arguments: ProxyUnderTest.all)
    func opening(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.withEvents(of: application) { stream async throws in
                #expect(stream.status == .ok)
                #expect(stream.headers["Content-Type"] == ["text/event-stream"])
                #expect(stream.headers["Cache-Control"] == ["no-cache"])
                #expect(stream.headers["Content-Length"] == [])
                #expect(!stream.headers.contains { $0.name.lowercased().hasPrefix("grip-") })
                #expect(try await stream.readUntil("\n\n") == ":" + String(repeating: " ", count: 2048) + "\n\n")
                #expect(try await stream.nextEvent() == Self.opening)
            }
        }
    }

    @Test("An event that is sent arrives with its id", arguments: ProxyUnderTest.all, PythonServer.allCases)
    func sending(proxy: ProxyUnderTest, server: PythonServer) async throws {
        try await self.withApplication(behind: proxy, server: server) { application async throws in
            try await self.withEvents(of: application, "/rooms/1/events/") { stream async throws in
                try await self.withEvents(of: application, "/events?channel=room-1") { other async throws in
                    for (number, text) in ["one", "100%I (sic)", "%(events-room-1)s", "<>&;,:="].enumerated() {
                        try await self.send(text, to: "room-1", of: application)
                        let expected = Self.message(text, id: "room-1:\(number + 1)")
                        for stream in [stream, other] {
                            if number == 0 { #expect(try await stream.nextEvent() == Self.opening) }
                            #expect(try await stream.nextEvent() == expected)
                        }
                    }
                }
            }
        }
    }

    @Test("A client that comes back gets exactly what it missed, and then what comes", arguments: ProxyUnderTest.all)
    func missedEvents(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.withEvents(of: application) { stream async throws in
                #expect(try await stream.nextEvent() == Self.opening)
                try await self.send("1", of: application)
                #expect(try await stream.nextEvent() == Self.message("1", id: "room:1"))
            }
            try await self.send("2", of: application)
            try await self.send("3", of: application)
            try await self.withEvents(of: application, after: "room:1") { stream async throws in
                #expect(try await stream.events(3) == [Self.opening] + Self.messages(2...3))
                try await self.send("4", of: application)
                try await self.send("5", of: application)
                #expect(try await stream.events(2) == Self.messages(4...5))
            }
        }
    }

    @Test("A client that leaves after every event loses none and gets none twice", arguments: ProxyUnderTest.all)
    func manyReconnects(proxy: ProxyUnderTest) async throws {
        let last = 12
        try await self.withApplication(behind: proxy) { application async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { for number in 1...last { try await self.send("\(number)", of: application) } }
                for number in 1...last {
                    try await self.withEvents(of: application, after: "room:\(number - 1)") { stream async throws in
                        #expect(try await stream.events(2) == [Self.opening] + Self.messages(number...number))
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test("More than one page of missed events arrives on one stream", arguments: ProxyUnderTest.all)
    func pages(proxy: ProxyUnderTest) async throws {
        let count = 250
        try await self.withApplication(behind: proxy) { application async throws in
            _ = try await application.post("/send", ["channel": "room", "text": "{}", "count": "\(count)"])
            try await self.withEvents(of: application, after: "room:0") { stream async throws in
                #expect(try await stream.events(count + 1) == [Self.opening] + Self.messages(1...count))
                try await self.send("\(count + 1)", of: application)
                #expect(try await stream.nextEvent() == Self.message("\(count + 1)", id: "room:\(count + 1)"))
            }
        }
    }

    @Test("A burst reaches all clients in order", arguments: ProxyUnderTest.all)
    func burst(proxy: ProxyUnderTest) async throws {
        let count = 50
        try await self.withApplication(behind: proxy) { application async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                let isOpen = Mailbox<Void>()
                for _ in 0..<10 {
                    tasks.addTask {
                        try await self.withEvents(of: application) { stream async throws in
                            #expect(try await stream.nextEvent() == Self.opening)
                            isOpen.put(())
                            #expect(try await stream.events(count) == Self.messages(1...count))
                        }
                    }
                }
                for _ in 0..<10 { _ = try await isOpen.next(within: .seconds(60)) }
                _ = try await application.post("/send", ["channel": "room", "text": "{}", "count": "\(count)"])
                try await tasks.waitForAll()
            }
        }
    }

    @Test("An event that was stored but never published comes with the next one", arguments: ProxyUnderTest.all)
    func lostPublish(proxy: ProxyUnderTest) async throws {
        let settings = ["handler.message_wait": "100"]
        try await self.withApplication(behind: proxy, settings: settings) { application async throws in
            try await self.withEvents(of: application) { stream async throws in
                #expect(try await stream.nextEvent() == Self.opening)
                try await self.send("1", of: application)
                #expect(try await stream.nextEvent() == Self.message("1", id: "room:1"))
                _ = try await application.post("/store", ["channel": "room", "text": "2"])
                try await self.send("3", of: application)
                #expect(try await stream.events(2) == Self.messages(2...3))
                try await self.send("4", of: application)
                #expect(try await stream.nextEvent() == Self.message("4", id: "room:4"))
            }
        }
    }

    @Test("A stream of two channels can be resumed in both", arguments: ProxyUnderTest.all)
    func twoChannels(proxy: ProxyUnderTest) async throws {
        let target = "/events?channel=one&channel=two"
        try await self.withApplication(behind: proxy) { application async throws in
            var lastID = ""
            try await self.withEvents(of: application, target) { stream async throws in
                #expect(try await stream.nextEvent() == Self.opening)
                for (channel, text, ids) in [("one", "1", ["one:1", "two:0"]), ("two", "1", ["one:1", "two:1"])] {
                    try await self.send(text, to: channel, of: application)
                    let event = try await stream.nextEvent()
                    lastID = event.id ?? ""
                    // The order is that of a Python set, which differs from run to run.
                    #expect(lastID.split(separator: ",").sorted() == ids.map { Substring($0) })
                    #expect(event.data == "{\"text\": \"\(text)\"}")
                }
            }
            try await self.send("missed", to: "one", of: application)
            try await self.send("missed too", to: "two", of: application)
            try await self.withEvents(of: application, target, after: lastID) { stream async throws in
                let events = try await stream.events(3)
                #expect(events.first == Self.opening)
                #expect(Set(events.dropFirst().map(\.data)) == [#"{"text": "missed"}"#, #"{"text": "missed too"}"#])
                let ids = try #require(events.last?.id).split(separator: ",").sorted()
                #expect(ids == ["one:2", "two:2"])
                try await self.send("3", to: "one", of: application)
                #expect(try await stream.nextEvent().data == #"{"text": "3"}"#)
            }
        }
    }

    @Test("A channel without storage has events without ids", arguments: ProxyUnderTest.all)
    func unreliableChannel(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.withEvents(of: application, "/events?channel=loose-room") { stream async throws in
                #expect(try await stream.nextEvent() == Self.opening)
                for text in ["one", "100%", "three"] {
                    try await self.send(text, to: "loose-room", of: application)
                    #expect(try await stream.nextEvent() == Self.message(text, id: nil))
                }
            }
        }
    }

    @Test("A quiet stream is kept alive by events", arguments: ProxyUnderTest.all)
    func keepAlive(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.withEvents(of: application, "/events?channel=room&ticking") { stream async throws in
                #expect(try await stream.nextEvent() == Self.opening)
                for _ in 0..<2 { #expect(try await stream.nextEvent(orTick: true) == .tick) }
                try await self.send("1", of: application)
                #expect(try await stream.nextEvent() == Self.message("1", id: "room:1"))
                #expect(try await stream.nextEvent(orTick: true) == .tick)
            }
        }
    }

    @Test("An event skips the users that it is not for", arguments: ProxyUnderTest.all)
    func skippedUsers(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.withEvents(of: application, as: "ann") { ann async throws in
                try await self.withEvents(of: application, as: "bob") { bob async throws in
                    for stream in [ann, bob] { #expect(try await stream.nextEvent() == Self.opening) }
                    _ = try await application.post("/send", ["channel": "room", "text": "1", "skip": "ann"])
                    try await self.send("2", of: application)
                    #expect(try await bob.events(2) == Self.messages(1...2))
                    #expect(try await ann.nextEvent() == Self.message("2", id: "room:2"))
                }
            }
        }
    }

    @Test("Who may not read a channel is told so and gets no stream", arguments: ProxyUnderTest.all)
    func forbidden(proxy: ProxyUnderTest) async throws {
        let target = "/events?channel=members-only"
        try await self.withApplication(behind: proxy) { application async throws in
            let refusal = try await fetch(application.url + target)
            #expect(refusal.status == .ok)
            #expect(refusal.headers["Content-Type"] == ["text/event-stream"])
            let event = try #require(ServerSentEvent(refusal.body.split(separator: "\n")))
            #expect(event.type == "stream-error")
            #expect(event.id == "error")
            #expect(event.data.contains(#""condition": "forbidden""#))
            #expect(event.data.contains("members-only"))
            try await self.withEvents(of: application, target, as: "ann") { stream async throws in
                #expect(try await stream.nextEvent() == Self.opening)
                try await self.send("1", to: "members-only", of: application)
                #expect(try await stream.nextEvent() == Self.message("1", id: "members-only:1"))
            }
        }
    }

    @Test("Who loses the right to read a channel loses its streams, no others", arguments: ProxyUnderTest.all)
    func ban(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.withEvents(of: application, as: "ann") { banned async throws in
                try await self.withEvents(of: application, "/events?channel=other", as: "ann") { other async throws in
                    try await self.withEvents(of: application, as: "bob") { bob async throws in
                        for stream in [banned, other, bob] { #expect(try await stream.nextEvent() == Self.opening) }
                        _ = try await application.post("/ban", ["user": "ann", "channel": "room"])
                        let event = try await banned.nextEvent()
                        #expect(event.type == "stream-error")
                        #expect(event.id == "error")
                        #expect(event.data.contains("Permission denied to channels: room"))
                        #expect(try await banned.readToEnd() == ByteBuffer())

                        try await self.send("1", of: application)
                        #expect(try await bob.nextEvent() == Self.message("1", id: "room:1"))
                        try await self.send("1", to: "other", of: application)
                        #expect(try await other.nextEvent() == Self.message("1", id: "other:1"))
                    }
                }
            }
        }
    }

    @Test("What cannot be resumed is told", arguments: ProxyUnderTest.all)
    func badResumption(proxy: ProxyUnderTest) async throws {
        try await self.withApplication(behind: proxy) { application async throws in
            try await self.send("1", of: application)
            try await self.withEvents(of: application, after: "room:99") { stream async throws in
                let reset = ServerSentEvent(type: "stream-reset", id: "room:1", data: #"{"channels": ["room"]}"#)
                #expect(try await stream.events(2) == [Self.opening, reset])
                try await self.send("2", of: application)
                #expect(try await stream.nextEvent() == Self.message("2", id: "room:2"))
            }
            let afterError = try await fetch(
                "\(application.url)/events?channel=room",
                headers: ["Last-Event-ID": "error"]
            )
            #expect(afterError.status == .badRequest)
            let nowhere = try await fetch("\(application.url)/events")
            #expect(nowhere.body.contains("No channels specified"))
        }
    }
}
