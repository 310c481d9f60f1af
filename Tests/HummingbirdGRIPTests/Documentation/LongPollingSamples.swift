import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import Testing

/// The samples of "Long-polling".
@Suite struct LongPollingSamples {
    let application = TestApplication()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        let object = SampleObject()

        router.get("object") { request, _ in
            let version = object.current
            guard request.headers[.ifNoneMatch] == version.etag else { return version.response }
            let channel = try GRIPChannel("object", previousID: version.id)
            return Response(status: .notModified).held(.response(on: channel, timeout: .seconds(55)))
        }
        router.post("object") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            let (before, after) = object.change(to: text)
            try await grip.publish(
                .httpResponse("\(after.text)\n", headers: [.eTag: after.etag]),
                to: "object",
                id: after.id,
                previousID: before.id
            )
            return "Ok\n"
        }
    }

    private func hint(_ grip: GRIPOrigin) async throws {
        try await grip.publish(.httpResponseHint, to: "object")
    }

    private func all(_ grip: GRIPOrigin) async throws {
        let item = try GRIPItem([
            .httpResponse("changed\n"), .httpStream("changed\n"), .webSocketMessage("changed"),
        ])
        try await grip.publish(item, to: "object")
    }

    @Test func theObjectIsHeldUntilItChanges() async throws {
        var fields = try self.application.proxy.fields()
        fields[.ifNoneMatch] = "\"v1\""
        try await self.application.test(routes: self.routes) { [fields] client in
            let held = try await client.get("/object", fields)
            #expect(held.headers[.gripChannel] == "object; prev-id=v1")
            #expect(held.headers[.gripStatus]?.hasPrefix("304") == true)
            #expect(try await client.post("/object", "new").status == .ok)
            #expect(try await client.get("/object", fields).text == "new\n")
        }
        let item = try #require(self.application.publisher.publications(to: "object").first?.item)
        #expect(item == GRIPItem(.httpResponse("new\n", headers: [.eTag: "\"v2\""]), id: "v2", previousID: "v1"))
    }

    @Test func hintsAndItemsForAllTransportsArePublished() async throws {
        let grip = try self.application.origin()
        try await self.hint(grip)
        try await self.all(grip)
        let items = self.application.publisher.publications(to: "object").map(\.item)
        #expect(items.first?.httpResponse?.action == .hint)
        #expect(items.last?.formats.count == 3)
    }
}
