import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

/// The samples of "Streaming".
@Suite struct StreamingSamples {
    let application = TestApplication()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        let log = SampleLog()

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

        router.get("presence") { _, _ in
            "".held(.stream(on: "presence").with(gone: try GRIPLink("/presence/gone")))
        }
    }

    private func close(_ grip: GRIPOrigin) async throws {
        try await grip.publish(.httpStreamClose, to: "news")
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
            for uri in ["/stream", "/events", "/presence"] {
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
