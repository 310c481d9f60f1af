import GRIP
import GRIPEngine
import Testing

@Suite("A held stream follows its next link")
struct StreamHoldPageTests {
    // MARK: Beginning

    @Test("Pages without a hold follow each other, and the last ends the response (RL9)")
    func paging() {
        var stream = StreamConversation([], terms: .terms(next: "/2"))
        #expect(stream.begin(isHolding: false) == ["GET /2"])
        #expect(stream.page("two", [], .follow, terms: .terms(next: "/3")) == ["subscribe", "client < two", "GET /3"])
        #expect(stream.page("", [], .follow, terms: .terms(next: "/4")) == ["subscribe", "GET /4"])
        #expect(stream.page("four", [], .end, terms: .terms()) == ["subscribe", "client < four", "end: lastPage"])
        #expect(stream.hold.isEnded)
    }

    @Test("Without a hold and a next link the response is over")
    func nothing() {
        var stream = StreamConversation([.channel("c")])
        #expect(stream.begin(isHolding: false) == ["end: lastPage"])
    }

    @Test("A channel with a prev-id needs a next link (RL8)", arguments: [true, false])
    func noNextLink(isAtBeginning: Bool) {
        let channels: [HeldChannel] = [.channel("a"), .channel("c", after: "", prefix: "p-")]
        if isAtBeginning {
            var stream = StreamConversation(channels)
            #expect(stream.begin() == [#"end: noNextLink(channel: "c")"#])
        } else {
            var stream = StreamConversation.following([.channel("a")])
            let lines = stream.page("x", channels, terms: .terms())
            #expect(lines == ["subscribe a p-c=", "client < x", #"end: noNextLink(channel: "c")"#])
        }
    }

    @Test("Items that were published before the stream began are asked for")
    func conflict() {
        var stream = StreamConversation([.channel("c", after: "1")], terms: .terms(next: "/next"))
        #expect(stream.begin(catchUp: .ask) == ["update"])
        #expect(stream.update() == ["GET /next c=1"])
        var quiet = StreamConversation([.channel("c", after: "1")], terms: .terms(next: "/next"))
        #expect(quiet.begin() == [])
    }

    @Test(
        "Items that a history has of the time before the stream began come first, and those that follow are asked for"
    )
    func catchUp() {
        let items = [Delivery(.httpStream("2"), on: "c", id: "2", after: "1"), Delivery(.httpStream("x"), on: "d")]
        var stream = StreamConversation([.channel("c", after: "1"), .channel("d")], terms: .terms(next: "/next"))
        #expect(stream.begin(catchUp: .items(items)) == ["client < 2", "client < x"])
        #expect(stream.publish("3", id: "3", after: "2") == ["client < 3"])
        var incomplete = StreamConversation([.channel("c", after: "0"), .channel("d")], terms: .terms(next: "/next"))
        #expect(incomplete.begin(catchUp: .items(items)) == ["client < x", "update"])
    }

    @Test("Nobody looks for pages that cannot come")
    func noLink() {
        var stream = StreamConversation.holding([.channel("c")])
        #expect(stream.update() == [])
        #expect(stream.publish("x") == ["client < x"])
        #expect(stream.page("x", []) == [])
        #expect(stream.failFetch() == [])
    }

    // MARK: What comes meanwhile

    @Test("Items that come while a page is fetched wait, and those in the page are left out")
    func release() {
        var stream = StreamConversation.following([.channel("c", after: "1"), .channel("d")])
        for id in 2...4 { #expect(stream.publish("\(id)", id: "\(id)", after: "\(id - 1)") == ["wait"]) }
        #expect(stream.publish("d", on: "d") == ["wait"])
        #expect(
            stream.page("two, three", [.channel("c", after: "3"), .channel("d")]) == [
                "subscribe c=3 d", "client < two, three", "client < 4", "client < d",
            ]
        )
        #expect(stream.publish("5", id: "5", after: "4") == ["client < 5"])
    }

    @Test("A page that is older than what waits is as good")
    func oldPage() {
        var stream = StreamConversation.following([.channel("c", after: "1")])
        _ = stream.publish("2", id: "2", after: "1")
        _ = stream.publish("2", id: "2", after: "1")
        // The repetition does not follow itself.
        #expect(stream.page("", [.channel("c", after: "1")]) == ["subscribe c=1", "client < 2", "update"])
        #expect(stream.update() == ["GET /next c=2"])
    }

    @Test("What neither the page nor the items that waited have is asked for")
    func gap() {
        var stream = StreamConversation.following([.channel("c", after: "1")])
        _ = stream.publish("5", id: "5", after: "4")
        #expect(stream.page("2", [.channel("c", after: "2")]) == ["subscribe c=2", "client < 2", "update"])
        #expect(stream.update() == ["GET /next c=2"])
        #expect(stream.page("345", [.channel("c", after: "5")]) == ["subscribe c=5", "client < 345"])
    }

    @Test("Channels that the page leaves out get nothing more, and new ones do")
    func otherChannels() {
        var stream = StreamConversation.following([.channel("c"), .channel("d")])
        _ = stream.publish("c")
        _ = stream.publish("d", on: "d")
        #expect(stream.page("", [.channel("e"), .channel("d")]) == ["subscribe e d", "client < d"])
        #expect(stream.publish("c") == [])
        #expect(stream.publish("e", on: "e") == ["client < e"])
    }

    @Test("Items wait through all pages until the stream holds again")
    func waitThroughPages() {
        var stream = StreamConversation.following([.channel("c")])
        _ = stream.publish("1")
        let lines = stream.page("a", [.channel("c")], .follow, terms: .terms(next: "/2"))
        #expect(lines == ["subscribe c", "client < a", "GET /2"])
        #expect(stream.publish("2") == ["wait"])
        #expect(stream.page("b", [.channel("c")]) == ["subscribe c", "client < b", "client < 1", "client < 2"])
    }

    @Test("A close that waited ends the stream after the items before it")
    func waitingClose() {
        var stream = StreamConversation.following([.channel("c"), .channel("d", after: "1")])
        _ = stream.publish("1")
        _ = stream.publish("gap", on: "d", id: "9", after: "8")
        #expect(stream.publish(.httpStreamClose) == ["wait"])
        _ = stream.publish("2")
        let lines = stream.page("a", [.channel("c"), .channel("d", after: "1")])
        #expect(lines == ["subscribe c d=1", "client < a", "client < 1", "end: closed"])
    }

    @Test("Filters of the page are applied to what waited")
    func waitingFilters() {
        var stream = StreamConversation.following([.channel("c")])
        _ = stream.publish("%(user)s")
        _ = stream.publish("%(nobody)s")
        let lines = stream.page(
            "",
            [.channel("c", filters: [.substituteVariables])],
            terms: .terms(next: "/next", meta: ["user": "al"])
        )
        #expect(lines == ["subscribe c", "client < al", "filter failed"])
    }

    @Test("What is wanted while a page is fetched is asked for once, after it", arguments: [true, false])
    func coalesced(isHint: Bool) {
        var stream = StreamConversation.following([.channel("c")])
        for _ in 0..<3 {
            if isHint { #expect(stream.publish(.httpStreamHint) == ["wait"]) } else { #expect(stream.update() == []) }
        }
        #expect(stream.page("", [.channel("c")]) == ["subscribe c", "update"])
        #expect(stream.update() == ["GET /next"])
        #expect(stream.page("", [.channel("c")]) == ["subscribe c"])
    }

    @Test("So many items wait and no more; with ids a further page brings the others")
    func backlog() {
        let channels: [HeldChannel] = [.channel("c"), .channel("d", after: "1")]
        var stream = StreamConversation.following(channels, waitingLimit: 2)
        #expect(stream.publish("1") == ["wait"])
        #expect(stream.publish("d2", on: "d", id: "2", after: "1") == ["wait"])
        #expect(stream.publish("2") == ["overflow"])
        var other = stream
        #expect(other.page("", channels) == ["subscribe c d=1", "client < 1", "client < d2"])
        #expect(stream.publish("d3", on: "d", id: "3", after: "2") == [])
        #expect(stream.page("", channels) == ["subscribe c d=1", "client < 1", "client < d2", "update"])
        #expect(stream.update() == ["GET /next d=2"])
    }

    @Test(
        "What means nothing to a stream takes nobody's place",
        arguments: [.httpStreamRefresh, .httpResponse("x")] as [GRIPFormat]
    )
    func placesOfOthers(format: GRIPFormat) {
        var stream = StreamConversation.following([.channel("c")], waitingLimit: 1)
        #expect(stream.publish(format) == [])
        #expect(stream.publish("1") == ["wait"])
    }

    // MARK: Failures

    @Test("A page that cannot be fetched is asked for again, five times, at growing intervals")
    func retries() {
        var stream = StreamConversation.following([.channel("c", after: "1")])
        stream.random = 0.5
        for delay in [1500, 2500, 4500, 8500, 16_500] as [Int64] {
            stream.milliseconds = 0
            #expect(stream.failFetch() == [])
            #expect(stream.publish("x", id: "3", after: "2") == ["wait"])
            #expect(stream.failFetch() == [])
            #expect(stream.page("x", []) == [])
            #expect(stream.wait(delay + 60_000) == ["\(delay) GET /next c=1"])
        }
        #expect(stream.failFetch() == [#"end: linkFailed("no page")"#])
    }

    @Test("After a page the attempts are counted anew")
    func newAttempts() {
        var stream = StreamConversation.following([.channel("c")])
        for _ in 0..<2 {
            _ = stream.failFetch()
            #expect(stream.wait(1000) == ["1000 GET /next"])
            _ = stream.failFetch()
            #expect(stream.wait(2000) == ["3000 GET /next"])
            _ = stream.page("", [.channel("c")])
            stream.milliseconds = 0
            #expect(stream.update() == ["GET /next"])
        }
    }

    @Test("A stream that waits to ask again can be ended", arguments: [true, false])
    func endWhileFollowing(isWaiting: Bool) {
        var stream = StreamConversation.following([.channel("c")])
        _ = stream.publish("x")
        if isWaiting { _ = stream.failFetch() }
        #expect(stream.end(.ended(.shutDown)) == ["end: shutDown"])
        #expect(stream.page("x", [.channel("c")]) == [])
        #expect(stream.wait(60_000) == [])
    }
}
