import GRIP
import NIOCore
import Testing

@Suite struct WebSocketControlMessageTests {
    static let vectors: [(message: WebSocketControlMessage, json: String)] = [
        (.subscribe("test"), #"{"type":"subscribe","channel":"test"}"#),
        (
            .subscribe(try! GRIPChannel("test", filters: [.skipSelf, .buildID])),
            #"{"type":"subscribe","channel":"test","filters":["skip-self","build-id"]}"#
        ),
        (.unsubscribe("té"), #"{"type":"unsubscribe","channel":"té"}"#),
        (.detach, #"{"type":"detach"}"#),
        (.session(id: "s1"), #"{"type":"session","id":"s1"}"#),
        (.session(id: nil), #"{"type":"session"}"#),
        (.setMeta(try! .init("user", "bob")), #"{"type":"set-meta","name":"user","value":"bob"}"#),
        (.setMeta(try! .init("user", "")), #"{"type":"set-meta","name":"user","value":""}"#),
        (.setMeta(try! .init("user", nil)), #"{"type":"set-meta","name":"user"}"#),
        (
            .keepAlive(try! .init(.text("KA"))),
            #"{"type":"keep-alive","message-type":"text","content":"KA","timeout":55,"mode":"idle"}"#
        ),
        (
            .keepAlive(try! .init(.binary(ByteBuffer(bytes: [0xFF, 0])), timeout: .seconds(20), mode: .interval)),
            #"{"type":"keep-alive","message-type":"binary","content-bin":"/wA=","timeout":20,"mode":"interval"}"#
        ),
        (
            .keepAlive(try! .init(.ping(ByteBuffer()))),
            #"{"type":"keep-alive","message-type":"ping","content-bin":"","timeout":55,"mode":"idle"}"#
        ),
        (.keepAlive(nil), #"{"type":"keep-alive"}"#),
        (
            .sendDelayed(try! .init(.text("later \"\n"))),
            #"{"type":"send-delayed","message-type":"text","content":"later \"\n","timeout":1}"#
        ),
        (
            .sendDelayed(try! .init(.pong(ByteBuffer(string: "p")), timeout: .seconds(9))),
            #"{"type":"send-delayed","message-type":"pong","content-bin":"cA==","timeout":9}"#
        ),
        (.flushDelayed, #"{"type":"flush-delayed"}"#),
    ]

    @Test(arguments: vectors)
    func `A vector is written and read`(message: WebSocketControlMessage, json: String) throws {
        #expect(String(buffer: message.encoded()) == json)
        #expect(try WebSocketControlMessage(parsing: ByteBuffer(string: json)) == message)
    }

    static let readable: [(json: String, message: WebSocketControlMessage)] = [
        (#" {"channel": "a", "type": "subscribe", "other": [1]} "#, .subscribe("a")),
        (#"{"type":"subscribe","channel":"a","filters":[]}"#, .subscribe("a")),
        (#"{"type":"detach","type":"flush-delayed"}"#, .flushDelayed),
        (#"{"type":"keep-alive","content":"x"}"#, .keepAlive(try! .init(.text("x")))),
        (#"{"type":"keep-alive","content":"x","timeout":0}"#, .keepAlive(try! .init(.text("x")))),
        (#"{"type":"keep-alive","content":"x","mode":"now"}"#, .keepAlive(try! .init(.text("x")))),
        (
            #"{"type":"keep-alive","content":"x","timeout":"7"}"#,
            .keepAlive(try! .init(.text("x"), timeout: .seconds(7)))
        ),
        (
            #"{"type":"keep-alive","content":"x","timeout":6.6}"#,
            .keepAlive(try! .init(.text("x"), timeout: .seconds(7)))
        ),
        (
            #"{"type":"keep-alive","content":"x","timeout":true}"#,
            .keepAlive(try! .init(.text("x"), timeout: .seconds(1)))
        ),
        // Left out, the type is text, also for bytes.
        (#"{"type":"keep-alive","content-bin":"eA"}"#, .keepAlive(try! .init(.text("x")))),
        (#"{"type":"keep-alive","message-type":"binary","content":"x"}"#, .keepAlive(try! .init(.binary(wire("x"))))),
        (#"{"type":"keep-alive","message-type":"ping","content":""}"#, .keepAlive(try! .init(.ping(ByteBuffer())))),
        (#"{"type":"keep-alive","timeout":5}"#, .keepAlive(nil)),
        (#"{"type":"send-delayed","content":"x"}"#, .sendDelayed(try! .init(.text("x"), timeout: .seconds(1)))),
    ]

    @Test(arguments: readable)
    func `What a proxy reads generously is read`(json: String, message: WebSocketControlMessage) throws {
        #expect(try WebSocketControlMessage(parsing: ByteBuffer(string: json)) == message)
    }

    @Test(arguments: [
        "", "{", "[]", "\"subscribe\"", "null", "{}", #"{"type":1}"#, #"{"type":""}"#, #"{"type":"publish"}"#,
        #"{"type":"Subscribe","channel":"a"}"#, #"{"type":"subscribe"}"#, #"{"type":"subscribe","channel":""}"#,
        #"{"type":"subscribe","channel":1}"#, #"{"type":"subscribe","channel":"a","filters":"skip-self"}"#,
        #"{"type":"subscribe","channel":"a","filters":[1]}"#, #"{"type":"unsubscribe"}"#,
        #"{"type":"session","id":3}"#, #"{"type":"set-meta"}"#, #"{"type":"set-meta","name":""}"#,
        #"{"type":"set-meta","name":"a","value":1}"#, #"{"type":"keep-alive","content":1}"#,
        #"{"type":"keep-alive","content-bin":"?"}"#, #"{"type":"keep-alive","content-bin":"/w=="}"#,
        #"{"type":"keep-alive","content":"x","timeout":-1}"#, #"{"type":"keep-alive","content":"x","timeout":[]}"#,
        #"{"type":"keep-alive","content":"x","timeout":2147483648}"#, #"{"type":"keep-alive","content":"x","mode":1}"#,
        #"{"type":"keep-alive","content":"x","message-type":"close"}"#, #"{"type":"send-delayed"}"#,
        #"{"type":"detach"} x"#,
    ])
    func `What is no message is refused`(json: String) {
        #expect(throws: GRIPError.self) { try WebSocketControlMessage(parsing: ByteBuffer(string: json)) }
    }

    @Test func `Too many filters are told apart from what a proxy ignores`() {
        let json = #"{"type":"subscribe","channel":"a","filters":["1","2","3","4","5","6"]}"#
        let error = #expect(throws: GRIPError.self) { try WebSocketControlMessage(parsing: ByteBuffer(string: json)) }
        #expect(error?.code == .filter)
    }

    @Test func `What is made is checked`() throws {
        #expect(throws: GRIPError.self) { try WebSocketControlMessage.Meta("", "x") }
        let long = ByteBuffer(repeating: 0, count: 126)
        #expect(throws: GRIPError.self) { try WebSocketKeepAlive(.ping(long)) }
        #expect(throws: GRIPError.self) { try WebSocketDelayedMessage(.pong(long)) }
        #expect(try WebSocketKeepAlive(.binary(long)).message == .binary(long))
    }

    @Test(arguments: [
        (Duration.seconds(20), 20), (.milliseconds(20_001), 21), (.milliseconds(1), 1), (.zero, 1), (.seconds(-5), 1),
        (.seconds(Int64.max), 2_147_483_647), (.seconds(2_147_483_646), 2_147_483_646),
    ])
    func `A time is rounded up to whole seconds within bounds`(time: Duration, seconds: Int) throws {
        #expect(try WebSocketKeepAlive(.text("x"), timeout: time).timeout == .seconds(seconds))
        #expect(try WebSocketDelayedMessage(.text("x"), timeout: time).timeout == .seconds(seconds))
    }
}
