import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("A WebSocket joined to a WebSocket of the origin is closed")
struct NativeWebSocketClosingTests {
    @Test("A client's close passes, and the origin's answer comes back (WN9)")
    func clientCloses() {
        var conversation = NativeConversation.opened()
        #expect(conversation.client(.closed(4000, "zz")) == ["origin < close 4000 zz"])
        #expect(conversation.originText("m:late") == ["client < text late"])
        #expect(conversation.publish(.send(.text, "x")) == [])
        #expect(
            conversation.origin(.closed(4001, "yy")) == ["drop origin", "client < close 4001 yy", "drop", "finished"]
        )
    }

    @Test("An origin's close passes, and the client's answer comes back (WN9)")
    func originCloses() {
        var conversation = NativeConversation.opened()
        #expect(conversation.origin(.closed(4000, "zz")) == ["client < close 4000 zz"])
        #expect(conversation.clientText("late") == [])
        #expect(conversation.publish(.send(.text, "x")) == [])
        #expect(
            conversation.client(.closed(4001, "yy")) == ["drop", "origin < close 4001 yy", "drop origin", "finished"]
        )
    }

    @Test("A close without a code stays one")
    func noCode() {
        var conversation = NativeConversation.opened()
        #expect(conversation.origin(.close(nil)) == ["client < close"])
        #expect(conversation.client(.close(nil)) == ["drop", "origin < close", "drop origin", "finished"])
    }

    @Test("Who does not answer a close is cut off in time", arguments: [true, false])
    func noAnswer(clientCloses: Bool) {
        var conversation = NativeConversation.opened()
        _ = clientCloses ? conversation.client(.close(nil)) : conversation.origin(.close(nil))
        let reason = clientCloses ? "the origin did not answer CLOSE" : "a Close frame was not answered in time"
        #expect(
            conversation.wait(10_000) == ["10000 drop: \(reason)", "10000 drop origin", "10000 finished"]
        )
    }

    @Test("A client that is lost takes its origin with it, and the other way round")
    func lost() {
        var conversation = NativeConversation.opened()
        #expect(conversation.loseClient() == ["drop origin", "finished"])
        conversation = NativeConversation.opened()
        #expect(conversation.loseOrigin() == ["drop: the origin did not answer", "finished"])
        conversation = NativeConversation.opened()
        _ = conversation.client(.close(nil))
        #expect(conversation.loseOrigin() == ["drop: the origin did not answer", "finished"])
        conversation = NativeConversation.opened()
        _ = conversation.origin(.closed(1000))
        #expect(conversation.loseOrigin() == [])
        #expect(conversation.client(.closed(1000)) == ["drop", "finished"])
    }

    @Test("Who breaks a rule is told, and the other side is cut off")
    func violations() {
        let close = WebSocketClose.sendable(try? WebSocketClose(.protocolError, reason: "bad"))
        var conversation = NativeConversation.opened()
        #expect(
            conversation.client(.violation(close)) == ["client < close 1002 bad", "drop", "drop origin", "finished"]
        )
        conversation = NativeConversation.opened()
        #expect(
            conversation.origin(.violation(close)) == [
                "origin < close 1002 bad", "drop origin", "drop: the origin broke the WebSocket protocol: bad",
                "finished",
            ]
        )
    }

    @Test("What is published closes both sides (CT6, CT7)")
    func publishedClose() {
        var conversation = NativeConversation.opened()
        _ = conversation.origin(.fragment(.text, isFinal: false, ByteBuffer(string: "m:")))
        _ = conversation.publish(.send(.text, "x"))
        #expect(
            conversation.publish(.close(code: 4001, reason: "bye")) == ["client < close 4001 bye", "origin < close"]
        )
        #expect(conversation.origin(.fragment(nil, isFinal: true, ByteBuffer())) == [])
        #expect(conversation.publish(.close(code: nil, reason: "")) == [])
        #expect(conversation.client(.closed(4001)) == ["drop"])
        #expect(conversation.origin(.close(nil)) == ["drop origin", "finished"])
    }

    @Test("A detached origin is let go, and the client stays (CT13)", arguments: [true, false])
    func detach(answers: Bool) {
        var conversation = NativeConversation.opened()
        #expect(conversation.originText(#"c:{"type":"detach"}"#) == ["origin < close"])
        #expect(conversation.originText("m:x") == [])
        #expect(conversation.clientText("x") == [])
        #expect(conversation.client(.ping(ByteBuffer(string: "p"))) == ["client < pong p"])
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        if answers {
            #expect(conversation.origin(.close(nil)) == ["drop origin"])
            #expect(conversation.loseOrigin() == [])
        } else {
            #expect(conversation.wait(10_000) == ["10000 drop origin"])
        }
        #expect(conversation.publish(.send(.text, "x")) == ["write"])
        #expect(conversation.client(.closed(1001)) == ["client < close 1000 ", "drop", "finished"])
    }

    @Test("Too many filters close both sides")
    func filterLimit() {
        var conversation = NativeConversation.opened()
        let json = #"{"type":"subscribe","channel":"a","filters":["1","2","3","4","5","6"]}"#
        #expect(conversation.originText("c:" + json) == ["client < close 1011 ", "origin < close"])
    }

    @Test("A proxy that shuts down closes both sides")
    func shutDown() {
        var conversation = NativeConversation.opened()
        #expect(conversation.shutDown() == ["client < close 1001 ", "origin < close 1001 "])
        conversation = NativeConversation.opened()
        _ = conversation.client(.closed(1000))
        #expect(conversation.shutDown() == ["client < close 1001 ", "drop", "drop origin", "finished"])
    }

    @Test("A client that is kicked is told so, and so is its origin")
    func kick() {
        var conversation = NativeConversation.opened()
        let told = ["client < close 1008 kicked", "origin < close 1008 kicked"]
        #expect(conversation.shutDown(.kicked) == told)
        #expect(conversation.shutDown(.kicked) == [])
    }
}
