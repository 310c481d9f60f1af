import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("A WebSocket over HTTP is closed")
struct WebSocketOverHTTPClosingTests {
    private let normal = WebSocketClose.sendable(nil)

    @Test("The origin closes, the client answers, and the origin hears no more (WO17)")
    func originCloses() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        _ = conversation.text("unsent")
        #expect(
            conversation.answer("CLOSE 5\r\n\u{3}\u{E9}bye\r\nTEXT 3\r\nm:a\r\n") == ["client < close 1001 bye"]
        )
        #expect(conversation.text("late") == [])
        #expect(conversation.publish(.send(.text, "late")) == [])
        #expect(conversation.close(1001) == ["drop", "finished"])
    }

    @Test(
        "A client gets a code that may be sent, and a reason that fits (WO18)",
        arguments: [
            ("", "1000 "), (" 0\r\n", "1000 "), (" 1\r\n\u{3}", "1000 "), (" 2\r\n\u{3}\u{ED}", "1000 "),
            (" 3\r\n\u{3}\u{EE}x", "1011 x"), (" 2\r\n\u{0}\u{0}", "1011 "), (" 2\r\n\u{0F}\u{A1}", "4001 "),
            (" 7f\r\n\u{3}\u{E8}" + String(repeating: "r", count: 125), "1000 " + String(repeating: "r", count: 123)),
        ]
    )
    func closeCodes(content: String, close: String) {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        #expect(conversation.answer("CLOSE\(content)\r\n") == ["client < close \(close)"])
    }

    @Test("A client that does not answer is cut off in time, and the origin hears of it", arguments: [true, false])
    func noAnswer(isLost: Bool) {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        _ = conversation.answer("CLOSE\r\n")
        if isLost {
            #expect(conversation.lose() == ["POST DISCONNECT\r\n"])
        } else {
            #expect(
                conversation.wait(10_000) == [
                    "10000 drop: a Close frame was not answered in time", "10000 POST DISCONNECT\r\n",
                ]
            )
        }
        #expect(conversation.answer("") == ["finished"])
    }

    @Test("The client closes, and gets the origin's answer (WO19)")
    func clientCloses() {
        var conversation = OverHTTPConversation.opened()
        #expect(conversation.close(1001, "why") == ["POST CLOSE 5\r\n\u{3}\u{E9}why\r\n"])
        #expect(conversation.publish(.send(.text, "late")) == [])
        #expect(
            conversation.answer("TEXT 3\r\nm:a\r\nCLOSE 4\r\n\u{F}\u{A0}ok\r\n")
                == ["client < text a", "client < close 4000 ok", "drop", "finished"]
        )
    }

    @Test("A client's close goes after its messages, without a code where it has none")
    func clientClosesWithMessages() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("one")
        _ = conversation.text("two")
        #expect(conversation.client(.close(nil)) == [])
        #expect(conversation.answer("") == ["POST TEXT 3\r\ntwo\r\nCLOSE\r\n"])
    }

    @Test("An origin that closes at the same time has said so with its answer")
    func bothClose() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        #expect(conversation.close(1001) == [])
        #expect(conversation.answer("CLOSE\r\n") == ["client < close 1000 ", "drop", "finished"])
    }

    @Test("A close that is not answered cuts the client off, unless the origin wants to be asked (WO20)")
    func unanswered() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.close(1000)
        #expect(conversation.answer("") == ["drop: the origin did not answer CLOSE", "finished"])

        conversation = OverHTTPConversation.opened(fields: ["Keep-Alive-Interval": "20"])
        _ = conversation.close(1000)
        #expect(conversation.answer("") == [])
        #expect(conversation.wait(20_000) == ["20000 POST "])
        var impatient = conversation
        #expect(conversation.answer("CLOSE\r\n") == ["client < close 1000 ", "drop", "finished"])
        #expect(impatient.lose() == [])
        #expect(impatient.answer("") == ["POST DISCONNECT\r\n"])
        #expect(impatient.answer("") == ["finished"])
    }

    @Test("A client that closes and does not wait is not reported twice")
    func impatientClient() {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.close(1000)
        #expect(conversation.lose() == [])
        #expect(conversation.answer("CLOSE\r\n") == ["finished"])
    }

    @Test("A client that is gone is reported, after what it said (WO21)")
    func lost() {
        var conversation = OverHTTPConversation.opened()
        #expect(conversation.lose() == ["POST DISCONNECT\r\n"])
        #expect(conversation.lose() == [])
        #expect(conversation.answer("TEXT 3\r\nm:a\r\n") == ["finished"])
        #expect(conversation.answer("") == [])

        conversation = OverHTTPConversation.opened()
        _ = conversation.text("one")
        _ = conversation.text("two")
        #expect(conversation.lose() == [])
        #expect(conversation.answer("TEXT 3\r\nm:a\r\n") == ["POST TEXT 3\r\ntwo\r\nDISCONNECT\r\n"])
        #expect(conversation.fail(.neverSent) == [])
        #expect(conversation.wait(1000) == ["1000 POST TEXT 3\r\ntwo\r\nDISCONNECT\r\n"])
        #expect(conversation.answer("") == ["finished"])
    }

    @Test("An origin that fails a client that is gone is left alone", arguments: ["DISCONNECT\r\n", "TEXT"])
    func lostAndFailed(events: String) {
        var conversation = OverHTTPConversation.opened()
        _ = conversation.text("one")
        _ = conversation.lose()
        #expect(conversation.answer(events) == ["finished"])
    }

    @Test("A client that breaks a rule is told, cut off and reported")
    func violation() {
        var conversation = OverHTTPConversation.opened()
        let close = WebSocketClose.sendable(try? WebSocketClose(.protocolError, reason: "bad"))
        #expect(
            conversation.client(.violation(close)) == ["client < close 1002 bad", "drop", "POST DISCONNECT\r\n"]
        )
        #expect(conversation.answer("") == ["finished"])
    }

    @Test("What is published closes the client and tells the origin (CT6, CT7)")
    func publishedClose() {
        var conversation = OverHTTPConversation.opened()
        #expect(
            conversation.publish(.close(code: 4001, reason: "bye")) == ["client < close 4001 bye", "POST CLOSE\r\n"]
        )
        #expect(conversation.publish(.send(.text, "late")) == [])
        #expect(conversation.publish(.close(code: nil, reason: "")) == [])
        #expect(conversation.close(4001) == ["drop"])
        #expect(conversation.answer("CLOSE\r\n") == ["finished"])

        conversation = OverHTTPConversation.opened()
        _ = conversation.text("x")
        #expect(conversation.publish(.close(code: nil, reason: "")) == ["client < close 1000 "])
        #expect(conversation.answer("TEXT 3\r\nm:a\r\n") == ["POST CLOSE\r\n"])
        #expect(conversation.answer("") == [])
        #expect(conversation.wait(10_000) == ["10000 drop: a Close frame was not answered in time", "10000 finished"])
    }

    @Test("A paused client is read again for its answer")
    func pausedClient() {
        var configuration = WebSocketRelayConfiguration()
        configuration.maximumPendingBytes = 10
        var conversation = OverHTTPConversation.opened(configuration)
        #expect(conversation.text("x").last == "pause")
        #expect(conversation.publish(.close(code: nil, reason: "")) == ["resume", "client < close 1000 "])
    }

    @Test("A proxy that shuts down closes its clients and tells the origins")
    func shutDown() {
        var conversation = OverHTTPConversation.opened()
        #expect(conversation.shutDown() == ["client < close 1001 ", "POST CLOSE 2\r\n\u{3}\u{E9}\r\n"])
        #expect(conversation.shutDown() == [])
        #expect(conversation.answer("") == [])
        #expect(conversation.close(1001) == ["drop", "finished"])

        conversation = OverHTTPConversation.opened()
        _ = conversation.close(1000)
        #expect(conversation.shutDown() == ["client < close 1001 ", "drop"])
        #expect(conversation.answer("CLOSE\r\n") == ["finished"])
    }

    @Test("A client that is kicked is told so, and so is its origin")
    func kick() {
        var conversation = OverHTTPConversation.opened()
        #expect(
            conversation.shutDown(.kicked)
                == ["client < close 1008 kicked", "POST CLOSE 8\r\n\u{3}\u{F0}kicked\r\n"]
        )
        #expect(conversation.shutDown(.kicked) == [])
    }
}
