import GRIP
import GRIPEngine
import Testing

@Suite("A held stream keeps time")
struct StreamHoldTimeTests {
    private static func keepAlive(_ mode: GRIPKeepAlive.Mode, _ timeout: Duration = .seconds(10)) throws -> HoldTerms {
        .terms(keepAlive: try GRIPKeepAlive("k", after: timeout, mode: mode))
    }

    // MARK: Keep-alive

    @Test("Without keep-alive and next link there is nothing to wake for")
    func nothing() {
        let stream = StreamConversation.holding([.channel("c")])
        #expect(stream.hold.nextDeadline == nil)
    }

    @Test("Keep-alive data is written when nothing else was")
    func idle() throws {
        var stream = StreamConversation.holding([.channel("c")], terms: try Self.keepAlive(.idle))
        #expect(stream.wait(25_000) == ["10000 client < k", "20000 client < k"])
        _ = stream.publish("x")
        #expect(stream.wait(9999) == [])
        #expect(stream.wait(1) == ["35000 client < k"])
    }

    @Test("What is not written does not put off keep-alive data")
    func notWritten() throws {
        var terms = try Self.keepAlive(.idle)
        terms.meta = ["user": "al"]
        var stream = StreamConversation.holding([.channel("c", filters: [.skipSelf])], terms: terms)
        _ = stream.wait(5000)
        _ = stream.publish("x", sender: "al")
        _ = stream.publish("")
        _ = stream.publish(.httpResponse("x"))
        #expect(stream.wait(5000) == ["10000 client < k"])
    }

    @Test("Keep-alive data at intervals comes whatever else is written")
    func interval() throws {
        var stream = StreamConversation.holding([.channel("c")], terms: try Self.keepAlive(.interval))
        var lines: [String] = []
        for _ in 0..<5 {
            lines += stream.wait(5000)
            _ = stream.publish("x")
        }
        #expect(lines == ["10000 client < k", "20000 client < k"])
    }

    @Test("Keep-alive data comes up to a second early, so that not all streams have theirs at once")
    func jitter() throws {
        var stream = StreamConversation([.channel("c")], terms: try Self.keepAlive(.idle))
        stream.random = 0.25
        _ = stream.begin()
        stream.random = 0.75
        #expect(stream.wait(20_000) == ["9750 client < k", "19000 client < k"])
        var short = StreamConversation([.channel("c")], terms: try Self.keepAlive(.interval, .zero))
        short.random = 0.999
        _ = short.begin()
        #expect(short.wait(2) == ["1 client < k", "2 client < k"])
    }

    @Test("While a page is fetched there is no keep-alive, after it there is that of the page")
    func pages() throws {
        var terms = try Self.keepAlive(.idle)
        terms.nextLink = HoldTerms.terms(next: "/next").nextLink
        var stream = StreamConversation.holding([.channel("c")], terms: terms)
        _ = stream.wait(9000)
        _ = stream.update()
        #expect(stream.wait(60_000) == [])
        terms.keepAlive = try GRIPKeepAlive("other", after: .seconds(3))
        _ = stream.page("", [.channel("c")], terms: terms)
        #expect(stream.wait(3000) == ["72000 client < other"])
        _ = stream.update()
        _ = stream.page("", [.channel("c")])
        #expect(stream.wait(60_000) == [])
    }

    // MARK: The next link

    @Test("A stream that gets nothing follows its next link after the time that the link gives (RL15)")
    func silence() {
        var stream = StreamConversation.holding([.channel("c")], terms: .terms(next: "/next", timeout: .seconds(2)))
        #expect(stream.wait(4500) == ["2000 update", "4000 update"])
        #expect(stream.update() == ["GET /next"])
        #expect(stream.wait(60_000) == [])
        _ = stream.page("", [.channel("c")], terms: .terms(next: "/next", timeout: .seconds(3)))
        #expect(stream.wait(3000) == ["67500 update"])
    }

    @Test("All channels must have had items, or the next link is followed")
    func fed() {
        let channels: [HeldChannel] = [.channel("c"), .channel("d")]
        var stream = StreamConversation.holding(channels, terms: .terms(next: "/next"))
        _ = stream.publish("x")
        _ = stream.publish("x", on: "d")
        #expect(stream.wait(120_000) == [])
        _ = stream.publish("x")
        _ = stream.publish("x")
        #expect(stream.wait(120_000) == ["240000 update"])
        #expect(stream.wait(120_000) == ["360000 update"])
    }

    @Test("Without channels the next link is followed every time")
    func noChannels() {
        var stream = StreamConversation.holding([], terms: .terms(next: "/next", timeout: .seconds(5)))
        #expect(stream.wait(5000) == ["5000 update"])
    }

    @Test("A timeout of zero asks again and again, but not all the time")
    func zero() {
        var stream = StreamConversation.holding([.channel("c")], terms: .terms(next: "/next", timeout: .zero))
        #expect(stream.wait(250) == ["0 update", "100 update", "200 update"])
    }

    @Test("Times that are too far away never come")
    func farAway() throws {
        let keepAlive = GRIPKeepAlive.newline(after: .seconds(Int64.max))
        let terms = HoldTerms.terms(next: "/next", timeout: .seconds(Int64.max), keepAlive: keepAlive)
        var stream = StreamConversation.holding([.channel("c")], terms: terms)
        #expect(stream.wait(1_000_000_000) == [])
    }

    @Test("What is due at the same time is done at once")
    func both() throws {
        var terms = try Self.keepAlive(.interval)
        terms.nextLink = HoldTerms.terms(next: "/next", timeout: .seconds(10)).nextLink
        var stream = StreamConversation.holding([.channel("c")], terms: terms)
        #expect(stream.wait(10_000) == ["10000 client < k", "10000 update"])
        // Nothing is done before its time.
        #expect(stream.hold.wake(at: EngineTime(milliseconds: 19_999), random: 0) == [])
    }
}
