import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("A WebSocket over HTTP is opened")
struct WebSocketOverHTTPOpeningTests {
    @Test("The first request is OPEN, with the fields of the exchange (WO1)")
    func firstRequest() {
        var conversation = OverHTTPConversation()
        #expect(conversation.start() == ["POST OPEN\r\n"])
        #expect(
            conversation.requestFields.lines == [
                "Accept: application/websocket-events", "Connection-Id: id",
                "Content-Type: application/websocket-events",
            ]
        )
        #expect(conversation.start() == [])
    }

    @Test("Only the first request of a conversation may go to another target")
    func firstRequestIsMarked() {
        var relay = OverHTTPConversation().relay
        let now = EngineTime(milliseconds: 0)
        guard case .request(let open) = relay.start(now: now).first else {
            Issue.record("no request")
            return
        }
        #expect(open.isFirst)
        let head = HTTPResponse(
            status: .ok,
            headerFields: .fields(["Content-Type": "application/websocket-events"])
        )
        _ = relay.response(head, body: .init(string: "OPEN\r\n"), now: now)
        let actions = relay.receive(.ping(.init()), now: now)
        guard case .request(let ping) = actions.first else {
            Issue.record("no request")
            return
        }
        #expect(!ping.isFirst)
    }

    @Test("What a client must not say of itself is not in the requests, and nothing is there twice (WO1, WO6, B11)")
    func handshakeFields() throws {
        let fields = HTTPFields.fields([
            "Cookie": "a=b", "Upgrade": "websocket", "Connection": "Upgrade", "Accept": "x", "connection-id": "spoof",
            "Content-Length": "0", "content-type": "text/plain", "Meta-User": "eve", "meta-x": "y",
            "Content-Bytes-Replayed": "9", "Sec-WebSocket-Key": "k", "Sec-WebSocket-Extensions": "grip",
            "Grip-Sig": "s",
        ])
        let route = try #require(RouteFile.parse("* test").routes.first)
        let client = HeaderPolicy.Client(peerAddress: "", isTrusted: true)
        let passed = HeaderPolicy().requestFields(fields, from: client, route: route, token: nil)
        #expect(
            passed.webSocketOverHTTPHandshake.fields.lines == [
                "Cookie: a=b", "Sec-WebSocket-Key: k", "Sec-WebSocket-Extensions: grip", "Grip-Sig: s",
            ]
        )
    }

    @Test("The 101 has the origin's fields, and what comes with OPEN follows it (WO30, B12)")
    func acceptance() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        let lines = conversation.answer(
            "OPEN\r\nTEXT 4\r\nm:hi\r\nTEXT 9\r\nno prefix\r\n",
            [
                "Sec-WebSocket-Protocol": "chat", "Set-Cookie": "a", "Set-Cookie": "b", "Grip-Hold": "stream",
                "Content-Length": "9", "Keep-Alive-Interval": "30", "Set-Meta-User": "alice", "Upgrade": "x",
                "Connection": "x", "Sec-WebSocket-Accept": "x", "Sec-WebSocket-Extensions": "grip",
                "Content-Bytes-Accepted": "0",
            ]
        )
        #expect(
            lines == ["101 | Sec-WebSocket-Protocol: chat | Set-Cookie: a | Set-Cookie: b", "client < text hi"]
        )
    }

    @Test("A proxy that is the client learns what the origin agreed to, and is passed everything")
    func trustedClient() {
        var configuration = WebSocketRelayConfiguration()
        configuration.gripRole = .relayed
        var conversation = OverHTTPConversation(configuration)
        _ = conversation.start()
        #expect(
            conversation.answer(
                "OPEN\r\nTEXT c\r\nc:{\"type\":1}\r\nTEXT 4\r\nm:hi\r\n",
                ["Sec-WebSocket-Extensions": "grip; message-prefix=\"m:\"", "Set-Meta-A": "b"]
            ) == ["101 | Sec-WebSocket-Extensions: grip", "client < text c:{\"type\":1}", "client < text m:hi"]
        )
    }

    @Test(
        "An origin that does no GRIP, or must not, has its messages passed on as they are (WN2)",
        arguments: [true, false]
    )
    func noGRIP(isOff: Bool) {
        var configuration = WebSocketRelayConfiguration()
        configuration.gripRole = isOff ? .off : .followed
        var conversation = OverHTTPConversation(configuration)
        _ = conversation.start()
        let lines = conversation.answer(
            "OPEN\r\nTEXT 4\r\nm:hi\r\nTEXT b\r\nc:{\"a\":\"b\"}\r\n",
            isOff ? ["Sec-WebSocket-Extensions": "grip"] : [:]
        )
        #expect(lines == ["101", "client < text m:hi", "client < text c:{\"a\":\"b\"}"])
    }

    @Test("The origin's refusal is the client's answer, without what is for the proxy (WO7, WO8, B12)")
    func refusal() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        let lines = conversation.answer(
            "no",
            [
                "Content-Type": "text/plain", "WWW-Authenticate": "Basic", "Grip-Hold": "stream", "Set-Meta-A": "b",
                "Keep-Alive-Interval": "5", "Content-Bytes-Accepted": "0", "Content-Length": "2",
            ],
            status: .unauthorized
        )
        #expect(lines == ["401 | Content-Type: text/plain | WWW-Authenticate: Basic | no", "finished"])

        conversation = OverHTTPConversation()
        _ = conversation.start()
        #expect(
            conversation.answer("OPEN\r\n", ["Content-Type": "text/html; charset=utf-8"]) == [
                "note: the origin's response has the content type 'text/html; charset=utf-8', "
                    + "and not 'application/websocket-events'",
                "200 | Content-Type: text/html; charset=utf-8 | OPEN\r\n", "finished",
            ]
        )
    }

    @Test(
        "Events are events whatever the parameters of their type and the case of its letters",
        arguments: ["application/websocket-events; charset=utf-8", "Application/WebSocket-Events"]
    )
    func mediaType(type: String) {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        #expect(conversation.answer("OPEN\r\n", ["Content-Type": type]) == ["101"])
        _ = conversation.text("x")
        #expect(conversation.answer("TEXT 1\r\ny\r\n", ["Content-Type": type]) == ["client < text y"])
    }

    @Test(
        "An answer that opens nothing is an error of the origin (WO9, WO11 to WO15)",
        arguments: [
            "", "TEXT 2\r\nhi\r\n", "OPEN", "OPEN\r\nTEXT zz\r\n", "open\r\n", "CLOSE\r\n", "DISCONNECT\r\n",
            "OPEN\r\nTEXT 10\r\nhi\r\n",
        ]
    )
    func noOpening(events: String) {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        let lines = conversation.answer(events)
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("fail 502: ") == true)
        #expect(lines.last == "finished")
        #expect(conversation.lose() == [])
    }

    @Test(
        "A request that fails before the connection is open is not repeated here",
        arguments: [
            WebSocketRequestFailure.neverSent, .maybeSent, .tooLarge,
        ]
    )
    func unreachable(failure: WebSocketRequestFailure) {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        let lines = conversation.fail(failure)
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("fail 502: ") == true)
        #expect(lines.last == "finished")
    }

    @Test("An origin may take its time with the answer, and is asked for it (WO10)")
    func pending() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        #expect(conversation.answer("", ["Keep-Alive-Interval": "25", "Set-Meta-A": "b"]) == [])
        #expect(conversation.wait(60_000) == ["25000 POST "])
        #expect(conversation.requestFields.lines.last == "Meta-A: b")
        #expect(conversation.answer("") == [])
        #expect(conversation.wait(25_000) == ["85000 POST "])
        #expect(conversation.answer("OPEN\r\n") == ["101"])
    }

    @Test("An origin that stops to take its time has not opened the connection")
    func pendingNoMore() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        _ = conversation.answer("", ["Keep-Alive-Interval": "25"])
        _ = conversation.wait(25_000)
        #expect(
            conversation.answer("", ["Keep-Alive-Interval": "0"])
                == ["fail 502: the origin's first event is not OPEN", "finished"]
        )
    }

    @Test("The route's channels are subscribed to once, whether or not the origin does GRIP", arguments: [true, false])
    func implicitChannels(doesGRIP: Bool) {
        var configuration = WebSocketRelayConfiguration()
        configuration.channelPrefix = "p-"
        configuration.implicitChannels = ["a", "b", "a"]
        var conversation = OverHTTPConversation(configuration)
        _ = conversation.start()
        let lines = conversation.answer("OPEN\r\n", doesGRIP ? ["Sec-WebSocket-Extensions": "grip"] : [:])
        #expect(lines == ["101", "subscribe a", "subscribe b"])
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
    }

    @Test("A client that is gone before the answer is reported after it (WO21)")
    func lostDuringOpen() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        #expect(conversation.lose() == [])
        #expect(conversation.answer("OPEN\r\nTEXT 4\r\nm:hi\r\n") == ["POST DISCONNECT\r\n"])
        #expect(conversation.answer("") == ["finished"])

        conversation = OverHTTPConversation()
        _ = conversation.start()
        _ = conversation.lose()
        #expect(conversation.answer("no", status: .forbidden) == ["finished"])

        conversation = OverHTTPConversation()
        _ = conversation.start()
        _ = conversation.answer("", ["Keep-Alive-Interval": "25"])
        #expect(conversation.lose() == ["POST DISCONNECT\r\n"])
        #expect(conversation.answer("") == ["finished"])
    }

    @Test("A proxy that shuts down says so to a client that waits, and tells the origin of it")
    func shutDown() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        #expect(conversation.shutDown() == ["fail 503: the proxy shuts down"])
        #expect(conversation.answer("OPEN\r\n") == ["POST DISCONNECT\r\n"])
        #expect(conversation.fail(.maybeSent) == ["finished"])

        conversation = OverHTTPConversation()
        #expect(conversation.shutDown() == ["fail 503: the proxy shuts down", "finished"])
    }
}
