import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("What an origin says to the proxy over HTTP")
struct WebSocketControlTests {
    /// An event for each message for the proxy.
    private func events(_ messages: String...) -> String {
        messages.map { "TEXT \(String(($0.utf8.count + 2), radix: 16))\r\nc:\($0)\r\n" }.joined()
    }

    private func opened(
        _ messages: String...,
        configuration: WebSocketRelayConfiguration = .init(),
        jitter: Duration = .zero
    ) -> (OverHTTPConversation, [String]) {
        var conversation = OverHTTPConversation(configuration, jitter: jitter)
        _ = conversation.start()
        let events = "OPEN\r\n" + messages.map { self.events($0) }.joined()
        let lines = conversation.answer(events, ["Sec-WebSocket-Extensions": "grip"])
        return (conversation, Array(lines.dropFirst()))
    }

    @Test("Channels begin and end with the route's prefix before their names (CT1)")
    func subscriptions() {
        var configuration = WebSocketRelayConfiguration()
        configuration.channelPrefix = "p-"
        var (conversation, lines) = self.opened(
            #"{"type":"subscribe","channel":"a"}"#,
            #"{"type":"unsubscribe","channel":"b"}"#,
            #"{"type":"subscribe","channel":"a","filters":["skip-self","x"]}"#,
            #"{"type":"unsubscribe","channel":"a"}"#,
            #"{"type":"unsubscribe","channel":"a"}"#,
            #"{"type":"subscribe","channel":"b"}"#,
            configuration: configuration
        )
        #expect(
            lines == ["subscribe p-a", "subscribe p-a skip-self x", "unsubscribe p-a", "subscribe p-b"]
        )
        #expect(conversation.relay.hold.isSubscribed(to: "b"))
        #expect(!conversation.relay.hold.isSubscribed(to: "p-b"))
        #expect(!conversation.relay.hold.isSubscribed(to: "a"))
        _ = conversation.lose()
    }

    @Test("The route's channels stay")
    func implicitChannels() {
        var configuration = WebSocketRelayConfiguration()
        configuration.implicitChannels = ["i"]
        let (conversation, lines) = self.opened(
            #"{"type":"unsubscribe","channel":"i"}"#,
            #"{"type":"subscribe","channel":"i","filters":["f"]}"#,
            #"{"type":"unsubscribe","channel":"i"}"#,
            configuration: configuration
        )
        #expect(lines == ["subscribe i", "subscribe i f"])
        #expect(conversation.relay.hold.isSubscribed(to: "i"))
    }

    @Test("What cannot be understood is ignored, and what follows is not (CT2, B16)")
    func malformed() {
        let (_, lines) = self.opened(
            "",
            "[]",
            "1",
            "{}",
            #"{"type":"x"}"#,
            #"{"type":"subscribe"}"#,
            #"{"type":"subscribe","channel":""}"#,
            #"{"type":"subscribe","channel":1}"#,
            #"{"type":"subscribe","channel":"a","filters":1}"#,
            #"{"type":"send-delayed"}"#,
            #"{"type":"session","id":"s"}"#,
            #"{"type":"subscribe","channel":"ok"}"#
        )
        #expect(lines == ["subscribe ok"])
    }

    @Test("There are 20 channels at most, but each may be subscribed to again (CT3)")
    func subscriptionLimit() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        let messages =
            (1...22).map { #"{"type":"subscribe","channel":"c\#($0)"}"# } + [
                #"{"type":"subscribe","channel":"c3","filters":["f"]}"#, #"{"type":"unsubscribe","channel":"c1"}"#,
                #"{"type":"subscribe","channel":"c21"}"#,
            ]
        let lines = conversation.answer(messages.map { self.events($0) }.joined())
        #expect(
            lines == (1...20).map { "subscribe c\($0)" } + ["leave out c21", "leave out c22"]
                + ["subscribe c3 f", "unsubscribe c1", "subscribe c21"]
        )
    }

    @Test("A subscription names the member, and another one replaces it; a bad one closes the connection")
    func members() {
        let (conversation, lines) = self.opened(
            #"{"type":"subscribe","channel":"a","member":{"key":"alice"}}"#,
            #"{"type":"subscribe","channel":"a","filters":["f"],"member":{"key":"bob"}}"#,
            #"{"type":"subscribe","channel":"a"}"#,
            #"{"type":"subscribe","channel":"b","member":{"key":""}}"#
        )
        #expect(lines.prefix(3) == ["subscribe a as alice", "subscribe a f as bob", "subscribe a"])
        #expect(lines.dropFirst(3).first?.hasPrefix("client < close 1011") == true)
        #expect(!conversation.relay.hold.isSubscribed(to: "b"))
    }

    @Test("More than five filters close the connection", arguments: [true, false])
    func filterLimit(isDebugging: Bool) {
        var configuration = WebSocketRelayConfiguration()
        configuration.isDebugging = isDebugging
        let (_, lines) = self.opened(
            #"{"type":"subscribe","channel":"a","filters":["1","2","3","4","5"]}"#,
            #"{"type":"subscribe","channel":"b","filters":["1","2","3","4","5","6"]}"#,
            #"{"type":"subscribe","channel":"c"}"#,
            configuration: configuration
        )
        let reason = isDebugging ? "a channel has at most 5 filters, not 6" : ""
        #expect(lines == ["subscribe a 1 2 3 4 5", "client < close 1011 \(reason)", "POST CLOSE\r\n"])
    }

    @Test("Meta is stored, replaced and deleted (CT14)")
    func meta() {
        let (conversation, lines) = self.opened(
            #"{"type":"set-meta","name":"user","value":"bob"}"#,
            #"{"type":"set-meta","name":"a","value":"1"}"#,
            #"{"type":"set-meta","name":"a","value":"2"}"#,
            #"{"type":"set-meta","name":"b","value":"3"}"#,
            #"{"type":"set-meta","name":"b"}"#
        )
        #expect(lines.isEmpty)
        #expect(conversation.relay.hold.meta == ["user": "bob", "a": "2"])
    }

    @Test("Meta has a limit")
    func metaLimit() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumMetaSize = 8
        let (conversation, lines) = self.opened(
            #"{"type":"set-meta","name":"a","value":"123"}"#,
            #"{"type":"set-meta","name":"b","value":"123"}"#,
            #"{"type":"set-meta","name":"a","value":"1234"}"#,
            configuration: configuration
        )
        #expect(lines == ["client < close 1011 ", "POST CLOSE\r\n"])
        #expect(conversation.relay.hold.meta == ["b": "123"])
    }

    @Test("What is published is written, as far as it is for WebSockets (CT4, CT5, CT8)")
    func publish() {
        var (conversation, _) = self.opened()
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        #expect(conversation.publish(.send(.binary, "x")) == ["write"])
        #expect(conversation.publish(.send(.ping, "")) == ["write"])
        #expect(conversation.publish(.send(.pong, .text(String(repeating: "p", count: 125)))) == ["write"])
        #expect(conversation.publish(.send(.ping, .text(String(repeating: "p", count: 126)))) == [])
        #expect(conversation.publish(.hint) == [])
    }

    @Test("Nothing is published to a client that waits for its answer")
    func publishTooEarly() {
        var conversation = OverHTTPConversation()
        _ = conversation.start()
        #expect(conversation.publish(.send(.text, "x")) == [])
        #expect(conversation.publish(.close(code: nil, reason: "")) == [])
        #expect(conversation.publish(.refresh) == [])
    }

    @Test("A refresh asks the origin at once, or once more after the request that is under way (CT9)")
    func refresh() {
        var (conversation, _) = self.opened()
        #expect(conversation.publish(.refresh) == ["POST "])
        #expect(conversation.publish(.refresh) == [])
        #expect(conversation.publish(.refresh) == [])
        #expect(conversation.answer("TEXT 3\r\nm:a\r\n") == ["client < text a", "POST "])
        #expect(conversation.answer("") == [])
    }

    @Test("A keep-alive is sent whenever nothing else was for its time (CT10)")
    func idleKeepAlive() {
        var (conversation, _) = self.opened(
            #"{"type":"keep-alive","content":"KA","timeout":10}"#,
            jitter: .milliseconds(400)
        )
        #expect(conversation.wait(19_300) == ["9600 client < text KA", "19200 client < text KA"])
        conversation.milliseconds = 20_000
        _ = conversation.publish(.send(.text, "x"))
        #expect(conversation.wait(9_599) == [])
        #expect(conversation.wait(1) == ["29600 client < text KA"])
        _ = conversation.wait(5_000)
        _ = conversation.text("x")
        _ = conversation.answer("TEXT 3\r\nm:a\r\n")
        #expect(conversation.wait(9_599) == [])
        _ = conversation.text("x")
        #expect(conversation.answer(self.events(#"{"type":"keep-alive"}"#)) == [])
        #expect(conversation.wait(1_000_000) == [])
    }

    @Test("A keep-alive at intervals does not care what else is sent")
    func intervalKeepAlive() {
        var (conversation, _) = self.opened(
            #"{"type":"keep-alive","message-type":"ping","content":"","timeout":10,"mode":"interval"}"#
        )
        _ = conversation.wait(9_000)
        _ = conversation.publish(.send(.text, "x"))
        #expect(conversation.wait(12_000) == ["10000 client < ping ", "20000 client < ping "])
    }

    @Test("The jitter leaves at least half of the time", arguments: [0, 300, 500, 900, 5000, -5])
    func jitter(milliseconds: Int) {
        var (conversation, _) = self.opened(
            #"{"type":"keep-alive","content":"KA","timeout":1}"#,
            jitter: .milliseconds(milliseconds)
        )
        let due = 1000 - min(max(milliseconds, 0), 500)
        #expect(conversation.wait(Int64(due)) == ["\(due) client < text KA"])
    }

    @Test("A delayed message makes room for the next one by being sent (CT11, CT12)")
    func delayed() {
        var (conversation, lines) = self.opened(
            #"{"type":"send-delayed","content":"one","timeout":5}"#,
            #"{"type":"send-delayed","content":"two"}"#
        )
        #expect(lines == ["client < text one"])
        #expect(conversation.wait(10_000) == ["1000 client < text two"])
        _ = conversation.text("x")
        #expect(
            conversation.answer(
                self.events(#"{"type":"send-delayed","content":"three"}"#, #"{"type":"flush-delayed"}"#)
                    + self.events(#"{"type":"flush-delayed"}"#)
            ) == ["client < text three"]
        )
        #expect(conversation.wait(10_000) == [])
    }

    @Test("Nothing is sent by itself to a client that is being closed")
    func timersAfterClose() {
        var (conversation, _) = self.opened(
            #"{"type":"keep-alive","content":"KA","timeout":1}"#,
            #"{"type":"send-delayed","content":"late"}"#
        )
        _ = conversation.publish(.close(code: nil, reason: ""))
        #expect(conversation.wait(5_000) == [])
    }

    @Test("A detached origin hears no more, and the client stays (CT13)")
    func detach() {
        var configuration = WebSocketRelayConfiguration()
        configuration.implicitChannels = ["i"]
        var (conversation, _) = self.opened(configuration: configuration)
        _ = conversation.text("x")
        _ = conversation.text("unsent")
        #expect(
            conversation.answer(self.events(#"{"type":"detach"}"#) + "TEXT 3\r\nm:a\r\n")
                == ["client < text a", "POST CLOSE\r\n"]
        )
        #expect(conversation.text("x") == [])
        #expect(conversation.client(.ping(ByteBuffer(string: "p"))) == ["client < pong p"])
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        #expect(conversation.publish(.refresh) == [])
        var lost = conversation
        var failed = conversation
        #expect(conversation.answer("CLOSE\r\n", ["Keep-Alive-Interval": "20"]) == [])
        #expect(conversation.wait(100_000) == [])
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        #expect(conversation.close(1001) == ["client < close 1000 ", "drop", "finished"])

        #expect(lost.lose() == [])
        #expect(lost.answer("") == ["finished"])
        #expect(failed.answer("", status: .internalServerError) == [])
        #expect(failed.publish(.close(code: nil, reason: "")) == ["client < close 1000 "])
        #expect(failed.close(1000) == ["drop", "finished"])
    }

    @Test("An origin that detaches itself may still end the connection with the same answer")
    func detachAndClose() {
        var (conversation, _) = self.opened()
        _ = conversation.text("x")
        var other = conversation
        #expect(conversation.answer(self.events(#"{"type":"detach"}"#) + "CLOSE\r\n") == ["client < close 1000 "])
        #expect(
            other.answer(self.events(#"{"type":"detach"}"#) + "DISCONNECT\r\n")
                == ["drop: the origin sent DISCONNECT", "finished"]
        )
    }

    @Test("The prefix may be another, or none (WN4, WN11)")
    func messagePrefix() {
        for (value, content) in [("grip; message-prefix=P", "Pm:x"), ("grip; message-prefix=\"\"", "m:x")] {
            var conversation = OverHTTPConversation.opened(fields: ["Sec-WebSocket-Extensions": value])
            _ = conversation.text("x")
            let lines = conversation.answer("TEXT \(content.utf8.count)\r\n\(content)\r\nTEXT 2\r\nc:\r\n")
            #expect(lines == ["client < text m:x"])
        }
    }

    @Test("The origin is told which channels are over the limit, with the next request that arrives")
    func leftOut() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumSubscriptions = 2
        configuration.channelPrefix = "p-"
        configuration.implicitChannels = ["all"]
        var conversation = OverHTTPConversation.opened(configuration)
        func subscribe(_ names: String...) -> String {
            names.map { name in
                let text = #"c:{"type":"subscribe","channel":"\#(name)"}"#
                return "TEXT \(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
            }.joined()
        }
        _ = conversation.text("hello")
        #expect(conversation.requestFields[.gripLeftOut] == nil)
        _ = conversation.answer(subscribe("a", "b, c", "d"))
        _ = conversation.text("again")
        #expect(conversation.requestFields[.gripLeftOut] == "b%2C%20c, d")
        // It did not arrive.
        _ = conversation.fail(.neverSent)
        _ = conversation.wait(2000)
        #expect(conversation.requestFields[.gripLeftOut] == "b%2C%20c, d")
        _ = conversation.answer("")
        _ = conversation.text("and again")
        #expect(conversation.requestFields[.gripLeftOut] == nil)
    }

    @Test("What is told of channels over the limit fits into a header")
    func manyLeftOut() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumSubscriptions = 1
        var conversation = OverHTTPConversation.opened(configuration)
        _ = conversation.text("hello")
        let names = (0..<300).map { "c\($0)" } + [String(repeating: "x", count: 5000)]
        let events = names.reversed().map { name in
            let text = #"c:{"type":"subscribe","channel":"\#(name)"}"#
            return "TEXT \(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
        }
        _ = conversation.answer(events.joined())
        _ = conversation.text("again")
        let names20 = (280...299).reversed().map { "c\($0)" }.joined(separator: ", ")
        #expect(conversation.requestFields[.gripLeftOut] == names20)
    }

    @Test("A connection takes little memory")
    func memory() {
        #expect(MemoryLayout<WebSocketOverHTTPRelay>.size < 300)
        #expect(MemoryLayout<NativeWebSocketRelay>.size < 300)
        #expect(MemoryLayout<WebSocketMessageReader>.size < 100)
    }
}
