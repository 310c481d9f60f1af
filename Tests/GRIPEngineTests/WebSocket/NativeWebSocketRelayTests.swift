import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("A WebSocket joined to a WebSocket of the origin")
struct NativeWebSocketRelayTests {
    @Test("The 101 has the origin's fields, but for those of the connection to it (WN1, B12)")
    func acceptance() {
        var configuration = WebSocketRelayConfiguration()
        configuration.implicitChannels = ["i"]
        var conversation = NativeConversation(configuration)
        #expect(
            conversation.accept([
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "x",
                "Sec-WebSocket-Protocol": "chat", "Sec-WebSocket-Extensions": "grip", "Grip-Hold": "stream",
                "Set-Cookie": "a",
            ]) == ["101 | Sec-WebSocket-Protocol: chat | Set-Cookie: a", "subscribe i"]
        )
        #expect(conversation.accept([:]) == [])
    }

    @Test("The origin's refusal is the client's answer (WN10)")
    func refusal() {
        var conversation = NativeConversation()
        #expect(
            conversation.reject(.unauthorized, ["WWW-Authenticate": "Basic", "Grip-Hold": "x"], "no")
                == ["401 | WWW-Authenticate: Basic | no", "finished"]
        )
    }

    @Test("A client that waits is told of an origin that cannot be reached, or of the shutdown")
    func unreachable() {
        var conversation = NativeConversation()
        #expect(conversation.loseOrigin() == ["fail 502: the origin cannot be reached", "finished"])
        conversation = NativeConversation()
        #expect(conversation.shutDown() == ["fail 503: the proxy shuts down", "drop origin", "finished"])
        conversation = NativeConversation()
        #expect(conversation.loseClient() == ["drop origin", "finished"])
    }

    @Test(
        "Without GRIP everything passes as it is (WN2, WN12, WN13)",
        arguments: [
            nil, "GRIP", "grip; message-prefix=", "grip; message-prefix=\"m", "permessage-deflate",
        ]
    )
    func passThrough(extensions: String?) {
        var conversation = NativeConversation.opened(extensions: extensions)
        #expect(conversation.originText("c:{\"type\":\"detach\"}") == ["client < text c:{\"type\":\"detach\"}"])
        #expect(conversation.originPieces(.text, "c", ":x") == ["client < text… c", "client < continuation :x"])
        #expect(conversation.originPieces(.binary, "", "m:") == ["client < binary… ", "client < continuation m:"])
        #expect(conversation.clientText("hello") == ["origin < text hello"])
    }

    @Test("A trusted client is passed everything, and told that the origin agreed to GRIP")
    func trustedClient() {
        var configuration = WebSocketRelayConfiguration()
        configuration.gripRole = .relayed
        var conversation = NativeConversation(configuration)
        #expect(
            conversation.accept(["Sec-WebSocket-Extensions": "grip; message-prefix=x", "Grip-Foo": "1"])
                == ["101 | Grip-Foo: 1 | Sec-WebSocket-Extensions: grip; message-prefix=\"x\""]
        )
        #expect(conversation.originText("c:{}") == ["client < text c:{}"])
    }

    @Test("Messages with the prefix lose it, others are for nobody, and those for the proxy are followed (WN3, WN4)")
    func messages() {
        var conversation = NativeConversation.opened()
        #expect(conversation.originText(#"c:{"type":"subscribe","channel":"a"}"#) == ["subscribe a"])
        #expect(conversation.originText("m:hello") == ["client < text hello"])
        #expect(conversation.originText("bare") == [])
        #expect(conversation.originText("m") == [])
        #expect(conversation.originText("") == [])
        #expect(conversation.originPieces(.binary, "m:b") == ["client < binary b"])
        #expect(conversation.originPieces(.binary, "c:b") == [])
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        #expect(conversation.publish(.refresh) == [])
        #expect(conversation.publish(.hint) == [])
    }

    @Test("A message passes piece by piece and loses its prefix once (WN5)")
    func pieces() {
        var conversation = NativeConversation.opened()
        #expect(
            conversation.originPieces(.text, "m:fr", "m:ag") == ["client < text… fr", "client < continuation m:ag"]
        )
        #expect(conversation.originPieces(.text, "bare", "m:x", "m:y") == [])
        #expect(conversation.originPieces(.binary, "m:", "") == ["client < binary… ", "client < continuation "])
    }

    @Test("A first piece that is too short to tell waits for the next")
    func shortPieces() {
        var conversation = NativeConversation.opened()
        #expect(
            conversation.originPieces(.text, "", "m", "", ":a", "b") == ["client < text… a", "client < continuation b"]
        )
        #expect(conversation.originPieces(.text, "m", ":a") == ["client < text a"])
        #expect(conversation.originPieces(.text, "m", "x", "y") == [])
        #expect(conversation.originPieces(.text, "m", "") == [])
        #expect(conversation.originPieces(.text, "c", ":{\"type\":\"detach\"}") == [])
        #expect(conversation.originPieces(.binary, "c", ":x") == [])
        #expect(conversation.originText("m:next") == ["client < text next"])

        conversation = NativeConversation.opened(extensions: "grip; message-prefix=\"\"")
        #expect(conversation.originPieces(.text, "", "c", "x") == ["client < text cx"])
        #expect(conversation.originPieces(.text, "", "c", ":x", "y") == [])
        #expect(conversation.originPieces(.text, "c") == ["client < text c"])
        #expect(conversation.originPieces(.binary, "", "c") == ["client < binary… ", "client < continuation c"])

        conversation = NativeConversation.opened(extensions: "grip; message-prefix=cx")
        #expect(conversation.originPieces(.text, "c", "x", "1") == ["client < text… ", "client < continuation 1"])
    }

    @Test("A message for the proxy that comes in pieces is swallowed (WN6)")
    func controlPieces() {
        var conversation = NativeConversation.opened()
        #expect(conversation.originPieces(.text, "c:{\"type\":\"subscribe\",", "\"channel\":\"a\"}") == [])
        #expect(conversation.originText("m:x") == ["client < text x"])
    }

    @Test("Pings and pongs pass both ways, also between pieces, and are never answered here (WN7)")
    func pings() {
        var conversation = NativeConversation.opened()
        let payload = ByteBuffer(string: "p")
        #expect(conversation.client(.ping(payload)) == ["origin < ping p"])
        #expect(conversation.client(.pong(payload)) == ["origin < pong p"])
        _ = conversation.origin(.fragment(.text, isFinal: false, ByteBuffer(string: "m:a")))
        #expect(conversation.origin(.ping(payload)) == ["client < ping p"])
        #expect(conversation.origin(.pong(ByteBuffer())) == ["client < pong "])
        #expect(conversation.origin(.fragment(nil, isFinal: true, ByteBuffer())) == ["client < continuation "])
    }

    @Test("What a client sends is data, whatever it looks like (WN8)")
    func clientData() {
        var conversation = NativeConversation.opened()
        #expect(conversation.clientText("c:x") == ["origin < text c:x"])
        #expect(conversation.client(.fragment(.binary, isFinal: false, ByteBuffer())) == ["origin < binary… "])
        #expect(conversation.client(.fragment(nil, isFinal: true, ByteBuffer())) == ["origin < continuation "])
    }

    @Test("What is published while the client has a part of a message waits for the rest (WN14, B15)")
    func queue() {
        var conversation = NativeConversation.opened()
        _ = conversation.originText(#"c:{"type":"send-delayed","content":"late"}"#)
        #expect(conversation.originPieces(.text, "m:a", "b") == ["client < text… a", "client < continuation b"])
        _ = conversation.origin(.fragment(.text, isFinal: false, ByteBuffer(string: "m:a")))
        #expect(conversation.publish(.send(.text, "one")) == [])
        #expect(conversation.publish(.send(.ping, "p")) == ["write"])
        #expect(conversation.wait(5_000) == [])
        #expect(conversation.publish(.send(.binary, "two")) == [])
        #expect(
            conversation.origin(.fragment(nil, isFinal: false, ByteBuffer(string: "b"))) == ["client < continuation… b"]
        )
        #expect(
            conversation.origin(.fragment(nil, isFinal: true, ByteBuffer(string: "c"))) == [
                "client < continuation c", "client < text one", "client < text late", "client < binary two",
            ]
        )
        #expect(conversation.originPieces(.text, "m:d", "e") == ["client < text… d", "client < continuation e"])
        #expect(conversation.publish(.send(.text, "three")) == ["write"])
    }

    @Test("What waits has a limit, and what is for nobody is waited for by nobody")
    func queueLimit() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumQueuedBytes = 140
        var conversation = NativeConversation.opened(configuration)
        _ = conversation.origin(.fragment(.text, isFinal: false, ByteBuffer(string: "bare")))
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        _ = conversation.origin(.fragment(nil, isFinal: true, ByteBuffer()))
        _ = conversation.origin(.fragment(.text, isFinal: false, ByteBuffer(string: "m:")))
        #expect(conversation.publish(.send(.text, "one")) == [])
        #expect(conversation.publish(.send(.text, "two")) == [])
        #expect(conversation.publish(.send(.text, "three")) == ["overflow"])
        #expect(conversation.origin(.fragment(nil, isFinal: true, ByteBuffer())).count == 3)
        #expect(conversation.publish(.send(.text, "four")) == ["write"])
    }

    @Test("A keep-alive counts from what was last sent, whoever sent it")
    func keepAlive() {
        var conversation = NativeConversation.opened()
        _ = conversation.originText(#"c:{"type":"keep-alive","content":"KA","timeout":10}"#)
        _ = conversation.wait(5_000)
        _ = conversation.originText("m:x")
        #expect(conversation.wait(20_000) == ["15000 client < text KA", "25000 client < text KA"])
    }
}
