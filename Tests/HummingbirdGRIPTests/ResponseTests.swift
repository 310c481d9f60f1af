import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

/// What the handler says beside the instruction is what the client sees.
@Suite struct ResponseTests {
    let application = TestApplication()

    private struct Teapot: Error, HTTPResponseError {
        var status: HTTPResponse.Status { .init(code: 418) }

        func response(from request: Request, context: some RequestContext) -> Response {
            Response(
                status: self.status,
                headers: [.retryAfter: "7"],
                body: .init(byteBuffer: .init(string: "tea"))
            )
        }
    }

    private struct Price: ResponseEncodable { var amount: Int }

    @Test func errorsOfHandlersPassUnchanged() async throws {
        let proxy = self.application.proxy
        let fields = try proxy.fields()
        try await self.application.test(routes: { router, _ in
            router.get("own") { _, _ -> String in throw Teapot() }
            router.get("http") { _, _ -> String in throw HTTPError(.unauthorized, message: "who?") }
            router.webSocketOverHTTP("socket") { socket, _, _ in
                socket.accept()
                throw Teapot()
            }
        }) { client in
            for fields in [fields, [:]] {
                let own = try await client.get("/own", fields)
                #expect(own.status.code == 418)
                #expect(own.headers[.retryAfter] == "7")
                #expect(own.text == "tea")
                let http = try await client.get("/http", fields)
                #expect(http.status == .unauthorized)
                #expect(http.text.contains("who?"))
                #expect(!http.headers.hasGRIPFields)
            }
            var socket = GRIPTestWebSocket(through: proxy)
            let answer = try await client.send(.open, on: &socket, to: "/socket")
            #expect(answer.status.code == 418)
            #expect(!answer.isAccepted)
        }
    }

    @Test func notModifiedWithoutAHoldStays() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: { router, _ in
            router.get("object") { _, _ in Response(status: .notModified, headers: [.eTag: "\"1\""]) }
        }) { client in
            let response = try await client.get("/object", fields)
            #expect(response.status == .notModified)
            #expect(response.headers[.eTag] == "\"1\"")
            #expect(!response.headers.hasGRIPFields)
        }
    }

    @Test func cookiesAndOtherHeadersStayNextToAHold() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: { router, _ in
            router.get("stream") { _, _ in
                var response = Response(status: .accepted, headers: [.cacheControl: "no-store"])
                response.headers.append(HTTPField(name: .setCookie, value: "a=1; Path=/"))
                response.headers.append(HTTPField(name: .setCookie, value: "b=2"))
                return response.held(.stream(on: "test"))
            }
        }) { client in
            for fields in [fields, [:]] {
                let response = try await client.get("/stream", fields)
                #expect(response.status == .accepted)
                #expect(response.headers[values: .setCookie] == ["a=1; Path=/", "b=2"])
                #expect(response.headers[.cacheControl] == "no-store")
                #expect(response.headers.hasGRIPFields == !fields.isEmpty)
            }
        }
    }

    @Test func encodedAndEditedResponsesAreHeldToo() async throws {
        let fields = try self.application.proxy.fields()
        try await self.application.test(routes: { router, _ in
            router.get("json") { _, _ in Price(amount: 3).held(.response(on: "price")) }
            router.get("edited") { _, _ in
                EditedResponse(status: .created, headers: [.eTag: "\"1\""], response: "x").held(.response(on: "price"))
            }
        }) { client in
            let json = try await client.get("/json", fields)
            #expect(json.text == #"{"amount":3}"#)
            #expect(json.headers[.contentType]?.hasPrefix("application/json") == true)
            #expect(json.headers[.gripHold] == "response")
            let edited = try await client.get("/edited", fields)
            #expect(edited.status == .created)
            #expect(edited.headers[.eTag] == "\"1\"")
            #expect(edited.headers[.gripChannel] == "price")
        }
    }

    @Test func aThousandChannelsArriveInOrder() async throws {
        var application = self.application
        application.configure = { $0.prefix = try GRIPPrefix("app-") }
        let fields = try application.proxy.fields()
        let names = (0..<1000).map { "channel-\($0)" }
        try await application.test(routes: { router, _ in
            router.get("many") { _, _ in
                "".held(try GRIPInstruction(hold: .stream(), channels: names.map { try GRIPChannel($0) }))
            }
        }) { client in
            let instruction = try GRIPInstruction(fields: try await client.get("/many", fields).headers)
            #expect(instruction.channels.map(\.name) == names.map { "app-\($0)" })
        }
    }

    @Test func aHEADRequestHasTheHeadersAndNoBodyAndIsNotHeld() async throws {
        let grip = try self.application.origin()
        let router = Router(context: BasicGRIPRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: GRIPMiddleware(grip))
        router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
        let fields = try self.application.proxy.fields()
        try await Application(router: router).test(.router) { client in
            let direct = try await client.execute(uri: "/stream", method: .head)
            #expect(direct.status == .ok)
            #expect(!direct.headers.hasGRIPFields)
            let proxied = try await client.execute(uri: "/stream", method: .head, headers: fields)
            #expect(!proxied.headers.hasGRIPFields)
            #expect(proxied.body.readableBytes == 0)
        }
    }

    @Test func anUnsignedInstructionOfAnyFormReachesNobody() async throws {
        let forged = try GRIPTestProxy(secret: "guess").fields(lastIDs: ["test": "1"])
        try await self.application.test(routes: { router, _ in
            router.get("stream") { _, _ in "open\n".held(.stream(on: "test").with(status: .gone)) }
            router.get("document") { _, _ in
                try GRIPInstructDocument(.response(on: "test"), response: .init(body: "open\n"))
            }
            router.get("next") { _, _ in "open\n".followed(by: try GRIPLink("/more")) }
        }) { client in
            for uri in ["/stream", "/document", "/next"] {
                for fields in [forged, [.gripSig: "x"], [.gripSig: ""], [.gripFeature: "status"]] {
                    let response = try await client.get(uri, fields)
                    #expect(response.text == "open\n")
                    #expect(!response.headers.hasGRIPFields)
                    #expect(response.headers[.contentType] != "application/grip-instruct")
                }
            }
        }
    }

    @Test func requestsAtTheSameTimeDoNotMixTheirStates() async throws {
        let signed = try self.application.proxy.fields()
        try await self.application.test(routes: { router, _ in
            router.get("stream/:id") { _, context in
                let id = try context.parameters.require("id")
                return "\(context.grip.isSigned)".held(.stream(on: try GRIPChannel("c\(id)")))
            }
        }) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<100 {
                    let isSigned = id.isMultiple(of: 2)
                    group.addTask {
                        let response = try await client.get("/stream/\(id)", isSigned ? signed : [:])
                        #expect(response.text == "\(isSigned)")
                        #expect(response.headers[.gripChannel] == (isSigned ? "c\(id)" : nil))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
