import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("A held stream gets items")
struct StreamHoldTests {
    @Test("What is published is written as it is, in order")
    func writes() {
        var stream = StreamConversation.holding([.channel("c"), .channel("d")])
        #expect(stream.publish("one\n") == ["client < one\n"])
        #expect(stream.publish("two", on: "d", id: "7", after: "6") == ["client < two"])
        #expect(stream.publish("") == [])
        #expect(stream.publish("other", on: "e") == [])
    }

    @Test(
        "What is meant for others means nothing (HD8)",
        arguments: [
            .httpStreamRefresh, .httpResponse("x"), .httpResponseHint, .webSocketMessage("x"), .webSocketClose(),
        ]
            as [GRIPFormat]
    )
    func notForStreams(format: GRIPFormat) {
        var stream = StreamConversation.holding([.channel("c", after: "1")], terms: .terms(next: "/next"))
        #expect(stream.publish(format, id: "3", after: "2") == [])
        #expect(stream.publish("x", id: "2", after: "1") == ["client < x"])
    }

    @Test("An item for a channel that the stream does not have is left alone", arguments: [-1, 1, Int.max, Int.min])
    func unknownSlot(slot: Int) {
        let stream = StreamConversation.holding([.channel("c")])
        var hold = stream.hold
        #expect(hold.receive(Delivery(.httpStream("x")), slot: slot, now: stream.now) == .skip)
        var following = StreamConversation.following([.channel("c", after: "1")], waitingLimit: 0)
        #expect(following.hold.receive(Delivery(.httpStream("x")), slot: slot, now: stream.now) == .overflow)
    }

    @Test("A close ends the stream (HD5)")
    func close() {
        var stream = StreamConversation.holding([.channel("c")])
        #expect(stream.publish(.httpStreamClose) == ["end"])
        #expect(stream.hold.isEnded)
    }

    @Test(
        "After its end there is nothing, whatever ended it",
        arguments: [nil, .ended(.shutDown), .linkFailed("x"), .lastPage] as [StreamHold.EndReason?]
    )
    func silence(reason: StreamHold.EndReason?) throws {
        let keepAlive = GRIPKeepAlive.newline(after: .seconds(1))
        let terms = HoldTerms.terms(next: "/next", timeout: .seconds(1), keepAlive: keepAlive)
        var stream = StreamConversation.holding([.channel("c", after: "1")], terms: terms)
        if let reason {
            #expect(stream.end(reason) == [StreamHold.Action.end(reason).line])
        } else {
            #expect(stream.publish(.httpStreamClose, id: "2", after: "1") == ["end"])
        }
        #expect(stream.hold.isEnded)
        #expect(stream.publish("x", id: "2", after: "1") == [])
        #expect(stream.publish("x", id: "9", after: "8") == [])
        #expect(stream.publish(.httpStreamHint) == [])
        #expect(stream.publish(.httpStreamClose) == [])
        #expect(stream.update() == [])
        #expect(stream.page("x", []) == [])
        #expect(stream.failFetch() == [])
        #expect(stream.wait(1_000_000) == [])
        #expect(stream.hold.wake(at: stream.now, random: 0) == [])
        #expect(stream.end(.ended(.shutDown)) == [])
    }

    // MARK: Ids

    @Test("Items that follow each other are written")
    func chain() {
        var stream = StreamConversation.holding([.channel("c", after: "1")], terms: .terms(next: "/next"))
        #expect(stream.publish("two", id: "2", after: "1") == ["client < two"])
        #expect(stream.publish("three", id: "3", after: "2") == ["client < three"])
        #expect(stream.hold.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "3")])
    }

    @Test(
        "An item that does not follow is not written, but asked for (RL7)",
        arguments: [("3", "2"), ("2", nil), (nil, nil), ("1", "0"), ("1", ""), ("2", "01")] as [(String?, String?)]
    )
    func gap(id: String?, previousID: String?) {
        var stream = StreamConversation.holding([.channel("c", after: "1")], terms: .terms(next: "/next"))
        #expect(stream.publish("x", id: id, after: previousID) == ["recover c"])
        // Nothing is lost by it: the next one may still come.
        #expect(stream.publish("two", id: "2", after: "1") == ["client < two"])
        #expect(stream.update() == ["GET /next c=2"])
    }

    @Test("Ids are compared byte by byte")
    func bytes() {
        var stream = StreamConversation.holding([.channel("c", after: "\u{E9}")], terms: .terms(next: "/next"))
        #expect(stream.publish("x", id: "2", after: "e\u{301}") == ["recover c"])
        #expect(stream.publish("x", id: "2", after: "\u{E9}") == ["client < x"])
    }

    @Test("An item without an id ends the order of its channel")
    func noID() {
        var stream = StreamConversation.holding([.channel("c", after: "")], terms: .terms(next: "/next"))
        #expect(stream.publish("x", after: "") == ["client < x"])
        #expect(stream.publish("y", id: "9", after: "8") == ["client < y"])
        #expect(stream.update() == ["GET /next"])
    }

    @Test("Each channel has an order of its own, and the origin hears its own names (RL18)")
    func channels() {
        let channels: [HeldChannel] = [
            .channel("c", after: "1", prefix: "p-"), HeldChannel(implicit: "own"),
            .channel("d", after: "5", prefix: "p-"),
        ]
        var stream = StreamConversation.holding(channels, terms: .terms(next: "/next"))
        #expect(stream.publish("x", on: "p-d", id: "6", after: "5") == ["client < x"])
        #expect(stream.publish("y", on: "own") == ["client < y"])
        #expect(stream.publish("z", on: "p-c", id: "7", after: "6") == ["recover p-c"])
        #expect(stream.update() == ["GET /next c=1 d=6"])
    }

    // MARK: Hints

    @Test("A hint makes the stream follow its next link, if it has one")
    func hint() {
        var stream = StreamConversation.holding([.channel("c", after: "1")], terms: .terms(next: "/next"))
        #expect(stream.publish(.httpStreamHint) == ["follow"])
        #expect(stream.update() == ["GET /next c=1"])
        var without = StreamConversation.holding([.channel("c")])
        #expect(without.publish(.httpStreamHint) == [])
        #expect(without.update() == [])
    }

    // MARK: Filters

    @Test("Filters change what is written, with what the origin said of the client")
    func substitution() {
        let terms = HoldTerms.terms(meta: ["user": "al"])
        var stream = StreamConversation.holding([.channel("c", filters: [.substituteVariables])], terms: terms)
        #expect(stream.publish("hi %(user)s") == ["client < hi al"])
        #expect(stream.publish("hi %(other)s") == ["filter failed"])
        #expect(stream.publish("plain") == ["client < plain"])
    }

    @Test("What filters withhold counts as seen")
    func withheld() {
        let terms = HoldTerms.terms(next: "/next", meta: ["user": "al"])
        let filters: [GRIPFilter] = [.skipSelf, .substituteVariables]
        var stream = StreamConversation.holding([.channel("c", after: "1", filters: filters)], terms: terms)
        #expect(stream.publish("own", id: "2", after: "1", sender: "al") == [])
        let other = GRIPFormat.httpStream("x", contentFilters: [.buildID])
        #expect(stream.publish(other, id: "3", after: "2") == [])
        let same = GRIPFormat.httpStream("%(user)s", contentFilters: [.substituteVariables])
        #expect(stream.publish(same, id: "4", after: "3") == ["client < al"])
    }

    @Test("What cannot be filtered does not count as seen: the next item shows that it is missing")
    func failedFilter() {
        let channel = HeldChannel.channel("c", after: "1", filters: [.substituteVariables])
        var stream = StreamConversation.holding([channel], terms: .terms(next: "/next"))
        #expect(stream.publish("%(nobody)s", id: "2", after: "1") == ["filter failed"])
        #expect(stream.publish("x", id: "3", after: "2") == ["recover c"])
        #expect(stream.update() == ["GET /next c=1"])
    }

    @Test("Ids are built of the item that carries them")
    func builtID() {
        let terms = HoldTerms.terms(next: "/next", meta: ["id_format": "%(c)s/%(d)s"])
        let channels: [HeldChannel] = [.channel("c", after: "1", filters: [.buildID]), .channel("d", after: "5")]
        var stream = StreamConversation.holding(channels, terms: terms)
        #expect(stream.publish("id: %I", id: "2", after: "1") == ["client < id: 2/5"])
    }
}
