import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdGRIPTesting
import HummingbirdTesting
import NIOCore
import Testing

/// What a handler can ask of its request, and whose pages may open WebSockets.
@Suite struct RequestStateTests {
    private static let host = HTTPField.Name("Host") ?? .origin
    private let application = TestApplication()

    @Test func theLastEventIDIsThere() async throws {
        try await self.application.test { router, _ in
            router.get("last") { _, context in context.lastEventID ?? "none" }
        } _: { client async throws in
            #expect(try await client.get("/last").text == "none")
            let name = try #require(HTTPField.Name("last-event-id"))
            #expect(try await client.get("/last", [name: "41"]).text == "41")
        }
    }

    @Test func aProxyLetsOneKnowWhatItCanDo() async throws {
        let old = GRIPTestProxy(features: [.status, .session, .linkNext, .filter(.skipSelf)])
        try await self.application.test { router, _ in
            router.get("can") { _, context in
                let all: [GRIPCapability] = [
                    .status, .nextLinks, .filter(.skipSelf), .filter(.buildID), .goneLinks, .webSocketRefresh,
                    .acceptedBytes, .rejectionDetails,
                ]
                return all.map { context.grip.supports($0) ? "1" : "0" }.joined()
            }
        } _: { client async throws in
            #expect(try await client.get("/can", old.fields()).text == "11100000")
            #expect(try await client.get("/can", GRIPTestProxy().fields()).text == "11111111")
            #expect(try await client.get("/can").text == "00000000")
        }
    }

    @Test(arguments: [
        ("https://example.com", "example.com", true, true), ("http://example.com", "EXAMPLE.com:80", true, true),
        ("https://example.com", "example.com:443", true, true), ("https://example.com:8443", "example.com", true, true),
        ("http://[::1]:8080", "[::1]:8080", true, true), ("http://[::1]:8080", "[::1]", true, true),
        ("http://[::1]:8080", "[::1]:8081", true, false), ("https://example.com", "example.com:80", true, false),
        ("https://evil.example", "example.com", true, false), ("https://evil.example", "example.com", false, true),
        ("https://example.com.evil.example", "example.com", true, false), ("null", "example.com", true, false),
        ("example.com", "example.com", true, false), ("", "example.com", true, false),
        ("https://app.example.com", "example.com", true, true), ("https://APP.example.com", "example.com", true, true),
    ])
    func aPageOfAnotherOriginCannotUseTheCookie(
        origin: String,
        host: String,
        hasCookie: Bool,
        isAllowed: Bool
    ) async throws {
        let proxy = self.application.proxy
        try await self.application.test { router, _ in
            router.webSocketOverHTTP("chat", origins: .sameHostWithCookies.allowing("https://app.example.com")) {
                socket,
                _,
                _ in
                if socket.isOpening { socket.accept() }
            }
            router.webSocketOverHTTP("open", origins: .any) { socket, _, _ in
                if socket.isOpening { socket.accept() }
            }
            router.webSocketOverHTTP("strict", origins: .sameHost) { socket, _, _ in
                if socket.isOpening { socket.accept() }
            }
        } _: { client async throws in
            var handshake: HTTPFields = [.origin: origin, Self.host: host]
            if hasCookie { handshake[.cookie] = "session=1" }
            var socket = GRIPTestWebSocket(through: proxy, path: "/chat", handshake: handshake)
            let answer = try await client.send(.open, on: &socket)
            #expect(answer.isAccepted == isAllowed)
            #expect(isAllowed || answer.status == .forbidden)
            // Only who opens is asked.
            #expect(try await client.send("later", on: &socket).status == .ok)

            var free = GRIPTestWebSocket(through: proxy, path: "/open", handshake: handshake)
            #expect(try await client.send(.open, on: &free).isAccepted)
            if !hasCookie {
                var strict = GRIPTestWebSocket(through: proxy, path: "/strict", handshake: handshake)
                #expect(try await client.send(.open, on: &strict).status == .forbidden)
            }
        }
    }

    @Test func whatIsNoBrowserHasNoOrigin() async throws {
        let proxy = self.application.proxy
        try await self.application.test { router, _ in
            router.webSocketOverHTTP("strict", origins: .sameHost) { socket, _, _ in
                if socket.isOpening { socket.accept() }
            }
        } _: { client async throws in
            let forwarded = try #require(HTTPField.Name("X-Forwarded-Host"))
            for handshake in [
                [.cookie: "session=1"], [.origin: "https://example.com", forwarded: "a.example, example.com"],
            ] as [HTTPFields] {
                var socket = GRIPTestWebSocket(through: proxy, path: "/strict", handshake: handshake)
                #expect(try await client.send(.open, on: &socket).isAccepted)
            }
        }
    }

    @Test func aStreamIsNotHeldBackByAnNginx() async throws {
        let fields = try self.application.proxy.fields()
        let buffering = try #require(HTTPField.Name("X-Accel-Buffering"))
        try await self.application.test { router, _ in
            router.get("stream") { _, _ in "".held(.stream(on: "test")) }
            router.get("own") { _, _ in
                Response(status: .ok, headers: [buffering: "yes"]).held(.stream(on: "test"))
            }
            router.get("poll") { _, _ in "".held(.response(on: "test")) }
        } _: { client async throws in
            #expect(try await client.get("/stream", fields).headers[buffering] == "no")
            #expect(try await client.get("/own", fields).headers[buffering] == "yes")
            #expect(try await client.get("/poll", fields).headers[buffering] == nil)
            #expect(try await client.get("/stream").headers[buffering] == nil)
        }
    }

    @Test func namesOfChannelsMayBeMadeAtRunTime() async throws {
        let publisher = self.application.publisher
        let proxy = self.application.proxy
        try await self.application.test { router, grip in
            router.get("rooms/{room}") { _, context in
                let room = try context.parameters.require("room")
                try await grip.publish(.httpStream("x"), to: "room-\(room)", id: "1")
                try await grip.publish(GRIPItem(.httpStream("y")), to: "room-\(room)"[...])
                try grip.enqueue(.httpStream("z"), to: "room-\(room)")
                return "".held(try .stream(on: "room-\(room)"))
            }
            router.webSocketOverHTTP("chat") { socket, _, _ in
                if socket.isOpening { socket.accept() }
                for case .text(let room) in socket.messages {
                    try socket.subscribe(to: "room-\(room)")
                    try socket.unsubscribe(from: "room-\(room)")
                }
            }
        } _: { client async throws in
            let held = try await client.get("/rooms/one", proxy.fields())
            let instruction = try GRIPInstruction(fields: held.headers)
            #expect(instruction.holds(.stream, on: "room-one"))
            #expect(!instruction.holds(.response, on: "room-one") && !instruction.holds(.stream, on: "room-two"))
            #expect(try await client.get("/rooms/a,b", proxy.fields()).status != .ok)
            #expect(publisher.publications(to: "room-\("one")").count == 3)

            var socket = GRIPTestWebSocket(through: proxy, path: "/chat")
            try await client.send(.open, on: &socket)
            #expect(try await client.send("one", on: &socket).subscriptions == ["room-one"])
            #expect(try await client.send("a,b", on: &socket).close??.code == .internalError)
        }
    }
}
