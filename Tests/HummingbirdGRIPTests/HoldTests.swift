import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

@Suite struct HoldTests {
    let application = TestApplication()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) throws {
        router.get("plain") { _, _ in "plain" }
        router.get("stream") { _, _ in
            "[stream open]\n".held(.stream(on: "test", keepAlive: .newline(after: .seconds(20))))
        }
        router.get("object") { request, _ in
            request.headers[.ifNoneMatch] == "\"1\""
                ? Response(status: .notModified, headers: [.eTag: "\"1\""])
                    .held(.response(on: "object", timeout: .seconds(55)))
                : Response(status: .ok, headers: [.eTag: "\"1\""], body: .init(byteBuffer: ByteBuffer(string: "one")))
        }
        router.get("page") { _, _ in "page\n".followed(by: try GRIPLink("/page?after=1")) }
        router.get("meta") { _, _ in
            "".held(
                try .stream(on: "a", GRIPChannel("b", previousID: "2,3", filters: [.skipSelf])).with(meta: [
                    "user": "al\"b\\"
                ])
            )
        }
        router.get("own") { _, _ in
            Response(status: .ok, headers: [.gripHold: "stream", .gripChannel: "test", .contentType: "text/plain"])
        }
        router.get("nonsense") { _, _ in Response(status: .ok, headers: [.gripHold: "for ever"]) }
        router.get("empty") { _, _ in Response(status: .ok, headers: [.gripHold: "stream"]) }
    }

    @Test func aHoldBecomesHeadersForAProxy() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let response = try await client.get("/stream", fields)
            #expect(response.status == .ok)
            #expect(response.text == "[stream open]\n")
            let expected = GRIPInstruction.stream(on: "test", keepAlive: .newline(after: .seconds(20)))
            #expect(try GRIPInstruction(fields: response.headers) == expected)
            #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        }
    }

    @Test func aClientWithoutProxyGetsTheResponseAlone() async throws {
        try await self.application.test(routes: self.routes) { client in
            for uri in ["/stream", "/page", "/own", "/nonsense"] {
                let response = try await client.get(uri)
                #expect(response.status == .ok)
                #expect(!response.headers.hasGRIPFields)
            }
            #expect(try await client.get("/own").headers[.contentType] == "text/plain")
        }
    }

    @Test func aRequiredProxyThatIsNotThereIsNotImplemented() async throws {
        var application = self.application
        application.configure = { $0.isProxyRequired = true }
        try await application.test(routes: self.routes) { client in
            let response = try await client.get("/stream")
            #expect(response.status == .notImplemented)
            #expect(response.text.hasPrefix("Not Implemented"))
            #expect(!response.headers.hasGRIPFields)
            #expect(try await client.get("/plain").text == "plain")
        }
    }

    @Test func notModifiedWithAHoldTravelsAsGripStatus() async throws {
        var fields = try self.application.proxy.fields()
        fields[.ifNoneMatch] = "\"1\""
        try await self.application.test(routes: self.routes) { [fields] client in
            let response = try await client.get("/object", fields)
            #expect(response.status == .ok)
            #expect(response.headers[.gripStatus]?.hasPrefix("304") == true)
            #expect(response.headers[.gripTimeout] == "55")
            #expect(response.headers[.eTag] == "\"1\"")

            let direct = try await client.get("/object", [.ifNoneMatch: "\"1\""])
            #expect(direct.status == .notModified)
        }
    }

    @Test func aPureNextLinkNeedsNoChannel() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let response = try await client.get("/page", fields)
            #expect(response.headers[.gripLink] == "</page?after=1>; rel=next")
            #expect(response.headers[.gripChannel] == nil)
            #expect(response.headers[.gripHold] == nil)
        }
    }

    @Test func metaAndIDsSurviveQuotesCommasAndBackslashes() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            let instruction = try GRIPInstruction(fields: try await client.get("/meta", fields).headers)
            #expect(instruction.meta == ["user": "al\"b\\"])
            #expect(instruction.channels.map(\.previousID) == [nil, "2,3"])
            #expect(instruction.channels.last?.filters == [.skipSelf])
        }
    }

    @Test func anInstructionThatNoProxyUnderstandsIsAnErrorOfTheServer() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: self.routes) { client in
            for uri in ["/nonsense", "/empty"] {
                let response = try await client.get(uri, fields)
                #expect(response.status == .internalServerError)
            }
        }
    }

    @Test func thePrefixIsAddedOnceToEachChannel() async throws {
        var application = self.application
        application.configure = { $0.prefix = try GRIPPrefix("app-") }
        let fields = try application.proxy.fields()
        let shared: GRIPChannel = "shared"
        try await application.test(routes: { router, grip in
            // The same middleware twice, as it happens with groups, and the same channel in every response.
            router.add(middleware: GRIPMiddleware(grip))
            router.get("shared") { _, _ in "".held(.stream(on: shared, "other")) }
            router.get("own") { _, _ in Response(status: .ok, headers: [.gripHold: "stream", .gripChannel: "test"]) }
        }) { client in
            for _ in 0..<3 {
                let response = try await client.get("/shared", fields)
                #expect(response.headers[.gripChannel] == "app-shared, app-other")
            }
            #expect(try await client.get("/own", fields).headers[.gripChannel] == "app-test")
        }
    }

    @Test func lastIDsAreNamedAsTheHandlerNamesItsChannels() async throws {
        var application = self.application
        application.configure = { $0.prefix = try GRIPPrefix("app-") }
        let fields = try application.proxy.fields(lastIDs: ["app-log": "7", "other-log": "1"])
        try await application.test(routes: { router, _ in
            router.get("last") { _, context in "\(context.grip.lastIDs)" }
        }) { client async throws in
            let response = try await client.get("/last", fields)
            #expect(response.text == "[\"log\": \"7\"]")
        }
    }

    @Test func aDocumentIsJSONForAProxyAndAPlainResponseForOthers() async throws {
        var application = self.application
        application.configure = { $0.prefix = try GRIPPrefix("app-") }
        let fields = try application.proxy.fields()
        try await application.test(routes: { router, _ in
            router.get("document") { _, _ in
                try GRIPInstructDocument(
                    .response(on: "test"),
                    response: .init(status: .accepted, fields: [.contentType: "text/plain"], body: "later")
                )
            }
        }) { client in
            let proxied = try await client.get("/document", fields)
            #expect(proxied.headers[.contentType] == "application/grip-instruct")
            let document = try GRIPInstructDocument(json: proxied.body)
            #expect(document.instruction == .response(on: "app-test"))
            #expect(document.response.status == .accepted)

            let direct = try await client.get("/document")
            #expect(direct.status == .accepted)
            #expect(direct.headers[.contentType] == "text/plain")
            #expect(direct.text == "later")
        }
    }
}
