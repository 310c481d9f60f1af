import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("A held response waits for an item")
struct ResponseHoldTests {
    @Test("An item is the answer (HD1)")
    func answer() {
        var poll = ResponseConversation([.channel("c"), .channel("d")])
        #expect(poll.publish("x", on: "e") == "")
        #expect(poll.publish("hello", on: "d") == "200 OK | hello")
        #expect(poll.hold.isEnded)
    }

    @Test("An empty body is an answer too")
    func empty() {
        var poll = ResponseConversation([.channel("c")])
        #expect(poll.publish("") == "200 OK | ")
    }

    @Test(
        "After the end there is nothing more",
        arguments: ["item", "hint", "gap", "patch", "timeout", "retry", "shutdown"]
    )
    func silence(end: String) throws {
        var poll = ResponseConversation([.channel("c", after: "1")])
        switch end {
        case "item": #expect(poll.publish("x", id: "2", after: "1") == "200 OK | x")
        case "hint": #expect(poll.publish(.httpResponseHint) == "retry")
        case "gap": #expect(poll.publish("x", id: "3", after: "2") == "recover c")
        case "patch":
            let patch = try GRIPJSONPatch(json: #"[{"op":"remove","path":"/x"}]"#)
            #expect(poll.publish(.httpResponse(patching: patch), id: "2", after: "1") == "patch failed")
        case "timeout": #expect(poll.wake(at: 55_000) == "200 OK | held")
        case "retry": #expect(poll.hold.end() == true)
        default:
            let answer = poll.hold.answer(ending: .shutDown)
            #expect(answer.line == "200 OK | held")
        }
        #expect(poll.hold.isEnded)
        #expect(poll.publish("x", id: "2", after: "1") == "")
        #expect(poll.publish("x", id: "9", after: "8") == "")
        #expect(poll.publish(.httpResponseHint) == "")
        #expect(poll.wake(at: 1_000_000) == "")
        #expect(poll.hold.end() == false)
    }

    @Test("A client that is kicked gets a refusal, which pages of other origins may read")
    func kick() {
        let fields: KeyValuePairs<String, String> = [
            "Access-Control-Allow-Origin": "https://a", "Vary": "Origin", "ETag": "1",
        ]
        var poll = ResponseConversation([.channel("c")], fields: fields)
        let answer = poll.hold.answer(ending: .kicked)
        #expect(
            answer.line
                == "403 Forbidden | Content-Type: text/plain | Access-Control-Allow-Origin: https://a | Vary: Origin "
                + "| Kicked: this client was removed from the channel.\n"
        )
        #expect(poll.publish("x") == "")
    }

    @Test(
        "What is meant for others means nothing (HD8)",
        arguments: [
            .httpResponseClose, .httpResponseRefresh, .httpStream("x"), .httpStreamClose, .httpStreamHint,
            .webSocketMessage("x"),
        ] as [GRIPFormat]
    )
    func notForResponses(format: GRIPFormat) {
        var poll = ResponseConversation([.channel("c", after: "1")])
        #expect(poll.publish(format, id: "3", after: "2") == "")
        #expect(poll.publish("x", id: "2", after: "1") == "200 OK | x")
    }

    @Test("An item for a channel that the hold does not have is left alone", arguments: [-1, 1, Int.max, Int.min])
    func unknownSlot(slot: Int) {
        var hold = ResponseConversation([.channel("c")]).hold
        #expect(hold.receive(Delivery(.httpResponse("x")), slot: slot) == .skip)
        #expect(hold.receive(Delivery(.httpResponseHint), slot: slot) == .skip)
        #expect(!hold.isEnded)
    }

    // MARK: Time

    @Test(
        "Without an item the held response is the answer, in time (HD3, HD4)",
        arguments: [(nil, 55_000), (.seconds(5), 5000), (.seconds(4), 5000), (.zero, 5000), (.seconds(120), 120_000)]
            as [(Duration?, Int64)]
    )
    func timeout(timeout: Duration?, milliseconds: Int64) {
        var poll = ResponseConversation([], status: .notFound, fields: ["ETag": "1"], timeout: timeout)
        #expect(poll.hold.deadline == EngineTime(milliseconds: milliseconds))
        #expect(poll.wake(at: milliseconds - 1) == "")
        #expect(poll.wake(at: milliseconds) == "404 Not Found | ETag: 1 | held")
    }

    // MARK: Ids

    @Test("An item that follows is the answer (RL6)")
    func follows() {
        var poll = ResponseConversation([.channel("c", after: "1", prefix: "p-")])
        #expect(poll.publish("x", on: "p-c", id: "2", after: "1") == "200 OK | x")
        #expect(poll.hold.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "2")])
    }

    @Test(
        "An item that does not follow is not sent, but the origin is asked again (RL4, RL5)",
        arguments: [("3", "2"), ("2", nil), (nil, nil), ("1", "0")] as [(String?, String?)]
    )
    func gap(id: String?, previousID: String?) {
        var poll = ResponseConversation([.channel("a"), .channel("c", after: "1", prefix: "p-")])
        #expect(poll.publish("x", on: "p-c", id: id, after: previousID) == "recover p-c")
        // The origin hears what the client has.
        #expect(poll.hold.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "1")])
    }

    // MARK: Heads

    @Test("The answer has the fields of the held response, but for those that the item has (HD2)")
    func fields() {
        var poll = ResponseConversation(
            [.channel("c")],
            status: .notFound,
            fields: ["ETag": "1", "Content-Type": "text/html", "Set-Cookie": "a", "Set-Cookie": "b", "X-Own": "1"]
        )
        let headers = HTTPFields.fields([
            "content-type": "text/plain", "Set-Cookie": "c", "Set-Cookie": "d", "Grip-Hold": "response", "X-New": "2",
            "Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "close",
            "Keep-Alive": "timeout=5", "TE": "trailers", "Trailer": "X-T", "Upgrade": "h2c",
            "Proxy-Connection": "close",
            "Proxy-Authenticate": "Basic",
        ])
        let line = poll.publish(.httpResponse("x", status: .init(code: 202), headers: headers))
        #expect(
            line == "202 Accepted | ETag: 1 | X-Own: 1 | content-type: text/plain | Set-Cookie: c | Set-Cookie: d"
                + " | X-New: 2 | x"
        )
    }

    @Test("Headers can be limited to those that the item exposes")
    func exposed() {
        var poll = ResponseConversation([.channel("c")], fields: ["ETag": "1", "X-Own": "1", "Content-Type": "a/b"])
        let headers = HTTPFields.fields([
            "Grip-Expose-Headers": "x-new, etag", "Grip-Expose-Headers": "X-None", "X-New": "2", "X-Other": "3",
        ])
        #expect(poll.publish(.httpResponse("x", headers: headers)) == "200 OK | ETag: 1 | X-New: 2 | x")
    }

    @Test("A reason of the publisher's own is kept")
    func reason() {
        var poll = ResponseConversation([.channel("c")])
        let status = HTTPResponse.Status(code: 299, reasonPhrase: "Fine")
        #expect(poll.publish(.httpResponse("x", status: status)) == "299 Fine | x")
    }

    // MARK: Patches

    @Test("A patch changes the held body")
    func patch() throws {
        var poll = ResponseConversation(
            [.channel("c")],
            held: #"{"a":1}"#,
            fields: ["Content-Type": "application/json"]
        )
        let patch = try GRIPJSONPatch(json: #"[{"op":"replace","path":"/a","value":2}]"#)
        #expect(
            poll.publish(.httpResponse(patching: patch, status: .created))
                == #"201 Created | Content-Type: application/json | {"a":2}"#
        )
    }

    @Test("A patch that does not fit makes the proxy ask again", arguments: ["held", "[]", #"{"a":2}"#, ""])
    func badPatch(body: String) throws {
        var poll = ResponseConversation([.channel("c")], held: body)
        let patch = try GRIPJSONPatch(json: #"[{"op":"test","path":"/a","value":1}]"#)
        #expect(poll.publish(.httpResponse(patching: patch)) == "patch failed")
    }

    @Test("A patch for others does not end the hold, even if it does not fit")
    func patchOfOthers() throws {
        var poll = ResponseConversation([.channel("c", after: "1", filters: [.skipSelf])], meta: ["user": "al"])
        let patch = GRIPFormat.httpResponse(patching: try GRIPJSONPatch(json: #"[{"op":"remove","path":"/a"}]"#))
        #expect(poll.publish(patch, id: "2", after: "1", sender: "al") == "")
        #expect(!poll.hold.isEnded)
        #expect(poll.publish(patch, id: "3", after: "2", sender: "bob") == "patch failed")
    }

    // MARK: Filters

    @Test("Items that filters withhold count as seen, and the hold goes on")
    func withheld() {
        let filters: [GRIPFilter] = [.skipSelf, .substituteVariables]
        var poll = ResponseConversation([.channel("c", after: "1", filters: filters)], meta: ["user": "al"])
        #expect(poll.publish("own", id: "2", after: "1", sender: "al") == "")
        let other = GRIPFormat.httpResponse("x", contentFilters: [.buildID])
        #expect(poll.publish(other, id: "3", after: "2") == "")
        let same = GRIPFormat.httpResponse("for %(user)s", contentFilters: [.substituteVariables])
        #expect(poll.publish(same, id: "4", after: "3") == "200 OK | for al")
    }

    @Test("What cannot be filtered or patched does not count as seen")
    func notSeen() throws {
        var poll = ResponseConversation([.channel("c", after: "1", filters: [.substituteVariables])])
        #expect(poll.publish("%(nobody)s", id: "2", after: "1") == "filter failed")
        #expect(poll.publish("x", id: "3", after: "2") == "recover c")
        #expect(poll.hold.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "1")])
        var patched = ResponseConversation([.channel("c", after: "1")])
        let patch = GRIPFormat.httpResponse(patching: try GRIPJSONPatch(json: #"[{"op":"remove","path":"/a"}]"#))
        #expect(patched.publish(patch, id: "2", after: "1") == "patch failed")
        #expect(patched.hold.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "1")])
    }

    @Test("What is held back by a timeout is not filtered")
    func heldBody() {
        var poll = ResponseConversation([.channel("c", filters: [.substituteVariables])], held: "%(user)s")
        #expect(poll.wake(at: 55_000) == "200 OK | %(user)s")
    }
}
