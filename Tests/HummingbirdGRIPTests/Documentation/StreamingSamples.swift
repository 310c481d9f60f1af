import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import Logging
import NIOCore
import Testing

/// The samples of "Streaming".
@Suite struct StreamingSamples {
    let application = TestApplication()
    let presence = SamplePresence()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        let log = SampleLog()
        let users = SampleUsers()
        let presence = self.presence

        router.get("stream") { _, _ in
            "[stream open]\n".held(.stream(on: "news", keepAlive: .newline(after: .seconds(20))))
        }
        router.post("stream") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            try await grip.publish(.httpStream("\(text)\n"), to: "news")
            return "Ok\n"
        }

        router.get("events") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
                body: .init(byteBuffer: ByteBuffer(string: ": open\n\n"))
            )
            .held(.stream(on: "events", keepAlive: .eventStreamComment(after: .seconds(20))))
        }
        router.post("events") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            let data = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { "data: \($0)\n" }
            try await grip.publish(.httpStream("event: message\n\(data.joined())\n"), to: "events")
            return "Ok\n"
        }

        router.get("rooms/{room}") { _, context in
            let name = try context.parameters.require("room")
            guard let room = try? GRIPChannel("room-\(name)") else { throw HTTPError(.badRequest) }
            return "".held(.stream(on: room, "announcements"))
        }

        router.get("events/{name}") { _, context in try heldEvents(": open\n\n", on: context.parameters.require("name"))
        }

        router.get("feeds/{count}") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            let channels = try (0..<count).map { try GRIPChannel("feed-\($0)") }
            guard channels.count <= context.grip.channelLimit ?? 20 else { throw HTTPError(.badRequest) }
            return "[open]\n".held(try GRIPInstruction(hold: .stream(keepAlive: nil), channels: channels))
        }

        router.get("dashboard") { request, context in
            guard let user = users.user(for: request) else { throw HTTPError(.unauthorized) }
            return try dashboard(user, after: context.lastEventID ?? "0")
        }
        router.get("dashboard/more") { _, context in
            guard let user = context.grip.linkClaims?["user"] else { throw HTTPError(.unauthorized) }
            return try dashboard(user, after: context.grip.lastIDs["dashboard-\(user)"] ?? "0")
        }
        @Sendable func dashboard(_ user: String, after id: String) throws -> GRIPHeld<String> {
            let (text, lastID) = log.entries(after: id)
            let channel = try GRIPChannel("dashboard-\(user)", previousID: lastID)
            let link = try GRIPLink("/dashboard/more", claims: ["user": user], signedBy: grip)
            return text.held(.stream(on: channel).with(next: link))
        }

        router.get("pages") { request, _ in
            let number = request.uri.queryParameters.get("page", as: Int.self) ?? 1
            let page = "page \(number)\n"
            guard number < 3 else { return page.held(.stream(on: "pages")) }
            return page.followed(by: try GRIPLink("/pages?page=\(number + 1)"))
        }

        router.get("log") { request, context in
            let after = context.grip.lastIDs["log"] ?? request.uri.queryParameters["after"].map(String.init) ?? "0"
            let (text, lastID) = log.entries(after: after)
            let channel = try GRIPChannel("log", previousID: lastID)
            return text.held(.stream(on: channel).with(next: try GRIPLink("/log", timeout: .seconds(60))))
        }
        router.post("log") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            let (id, previousID) = log.append(text)
            try await grip.publish(.httpStream("\(text)\n"), to: "log", id: id, previousID: previousID)
            return "Ok\n"
        }

        router.get("chat/{user}") { _, context in
            let user = try context.parameters.require("user")
            let channel = try GRIPChannel("chat", filters: [.skipSelf])
            return "".held(try .stream(on: channel).with(meta: ["user": user]))
        }
        router.post("chat/{user}") { request, context in
            let user = try context.parameters.require("user")
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            try await grip.publish(.httpStream("\(user): \(text)\n"), to: "chat", sender: user)
            return "Ok\n"
        }

        router.get("presence/{user}") { _, context in
            let user = try context.parameters.require("user")
            let gone = try GRIPLink("/presence/gone", claims: ["user": user], signedBy: grip)
            return "".held(.stream(on: "presence").with(gone: gone))
        }
        router.post("presence/gone") { _, context in
            guard let user = context.grip.linkClaims?["user"] else { throw HTTPError(.forbidden) }
            presence.left(user)
            return HTTPResponse.Status.noContent
        }
    }

    private func close(_ grip: GRIPOrigin) async throws {
        try await grip.publish(.httpStreamClose, to: "news")
    }

    private func closeLog(_ grip: GRIPOrigin, _ log: SampleLog) async throws {
        let (id, previousID) = log.append("")
        try await grip.publish(.httpStreamClose, to: "log", id: id, previousID: previousID)
    }

    private func count(_ grip: GRIPOrigin, _ text: String, id: String, previousID: String, logger: Logger) async throws
    {
        let result = try await grip.publish(
            .httpStream("\(text)\n"),
            to: "log",
            id: id,
            previousID: previousID,
            countingDeliveries: true
        )
        if result.deliveries == 0 { logger.notice("nobody has got \(id)") }
    }

    @Test func aLinkBehindALoginKnowsTheUser() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            #expect(try await client.get("/dashboard", fields).status == .unauthorized)
            var authorized = fields
            authorized[.authorization] = "ann"
            let held = try GRIPInstruction(fields: try await client.get("/dashboard", authorized).headers)
            let link = try #require(held.nextLink)
            let more = try GRIPInstruction(fields: try await client.get(link.uri, fields).headers)
            #expect(more.holds(.stream, on: "dashboard-ann"))
            #expect(try await client.get("/dashboard/more", fields).status == .unauthorized)
            #expect(try await client.get(link.uri + "x", fields).status == .unauthorized)

            let own = try GRIPInstruction(fields: try await client.get("/events/own", fields).headers)
            #expect(own.holds(.stream, on: "own"))
        }
    }

    @Test func aClientHasAsManyChannelsAsTheProxyTakes() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let held = try GRIPInstruction(fields: try await client.get("/feeds/20", fields).headers)
            #expect(held.channels.count == 20)
            #expect(try await client.get("/feeds/21", fields).status == .badRequest)
        }
    }

    @Test func aGoneLinkIsPostedTo() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let held = try GRIPInstruction(fields: try await client.get("/presence/ann", fields).headers)
            let link = try #require(held.goneLink)
            #expect(try await client.execute(uri: link.uri, method: .post, headers: fields).status == .noContent)
            #expect(try await client.post("/presence/gone", "").status == .forbidden)
        }
        #expect(self.presence.left == ["ann"])
    }

    @Test func aCloseHasAnIDWhereTheStreamHasOne() async throws {
        let grip = try self.application.origin()
        let log = SampleLog()
        _ = log.append("one")
        try await self.closeLog(grip, log)
        try await self.count(grip, "two", id: "3", previousID: "2", logger: Logger(label: "test"))
        let items = self.application.publisher.publications(to: "log").map(\.item)
        #expect(items.map(\.id) == ["2", "3"])
        #expect(items.map(\.previousID) == ["1", "2"])
    }

    @Test func everyLineOfAnEventIsAFieldOfItsOwn() async throws {
        try await self.application.test(routes: self.routes) { client in
            for body in ["a\nb", "a\r\nb", "a\rb"] {
                let response = try await client.post("/events", body)
                #expect(response.status == .ok)
            }
        }
        #expect(
            self.application.publisher.publications(to: "events").map(\.item.httpStream?.action)
                == Array(repeating: .send("event: message\ndata: a\ndata: b\n\n"), count: 3)
        )
    }

    @Test func aRoomThatCannotBeAChannelIsABadRequest() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let good = try await client.get("/rooms/one", fields)
            #expect(good.headers[.gripChannel] == "room-one, announcements")
            #expect(try await client.get("/rooms/a,b", fields).status == .badRequest)
        }
    }

    @Test func theLastPageHolds() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let first = try await client.get("/pages", fields)
            #expect(first.headers[.gripLink] == "</pages?page=2>; rel=next")
            let last = try await client.get("/pages?page=3", fields)
            #expect(try GRIPInstruction(fields: last.headers) == .stream(on: "pages"))
        }
    }

    @Test func theLogGoesOnWhereTheClientIs() async throws {
        let fields = try self.application.proxy.fields()
        let fieldsAfterOne = try self.application.proxy.fields(lastIDs: ["log": "1"])
        try await self.application.test(routes: self.routes) { client in
            for text in ["one", "two"] { #expect(try await client.post("/log", text).status == .ok) }
            let all = try await client.get("/log", fields)
            #expect(all.text == "one\ntwo\n")
            #expect(all.headers[.gripChannel] == "log; prev-id=2")
            #expect(try await client.get("/log", fieldsAfterOne).text == "two\n")
            #expect(try await client.get("/log?after=2", fields).text.isEmpty)
        }
        let items = self.application.publisher.publications(to: "log").map(\.item)
        #expect(items.map(\.id) == ["1", "2"])
        #expect(items.map(\.previousID) == ["0", "1"])
    }

    @Test func nobodyHearsThemselves() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let instruction = try GRIPInstruction(fields: try await client.get("/chat/ann", fields).headers)
            #expect(instruction.channels.first?.filters == [.skipSelf])
            #expect(instruction.meta == ["user": "ann"])
            #expect(try await client.post("/chat/ann", "hi").status == .ok)
        }
        #expect(self.application.publisher.publications(to: "chat").first?.item.sender == "ann")
    }

    @Test func theOthersHoldToo() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            for uri in ["/stream", "/events", "/presence/ann"] {
                let held = try await client.get(uri, fields)
                #expect(held.headers[.gripHold] == "stream")
            }
            let posted = try await client.post("/stream", "news")
            #expect(posted.status == .ok)
        }
        try await self.close(self.application.origin())
        #expect(
            self.application.publisher.publications(to: "news").map(\.item.httpStream?.action)
                == [.send("news\n"), .close]
        )
    }
}

extension TestClientProtocol {
    func post(_ uri: String, _ body: String) async throws -> TestResponse {
        try await self.execute(uri: uri, method: .post, body: ByteBuffer(string: body))
    }
}

func heldEvents(_ text: String, on name: String) throws -> Response {
    Response(
        status: .ok,
        headers: [.contentType: "text/event-stream"],
        body: .init(byteBuffer: ByteBuffer(string: text))
    )
    .held(try .stream(on: name, keepAlive: .eventStreamComment(after: .seconds(20))))
}
