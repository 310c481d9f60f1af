import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Filters decide who gets an item, and with what content")
struct FilterChainTests {
    private let content = ByteBuffer(string: "100 %")

    private func apply(_ filters: GRIPFilter..., to text: String, _ context: FilterContext) -> FilterOutcome {
        FilterChain(filters).apply(to: ByteBuffer(string: text), context: context)
    }

    @Test(
        "skip-self drops what the user sent (FR1)",
        arguments: [
            ("bob", "bob", true), ("bob", "al", false), ("bob", "Bob", false), ("", "", false), ("bob", nil, false),
            (nil, "bob", false), ("\u{E9}", "e\u{301}", false),
        ] as [(String?, String?, Bool)]
    )
    func skipSelf(user: String?, sender: String?, isDropped: Bool) {
        var context = FilterContext()
        context.subscriptionMeta["user"] = user
        context.publicationMeta["sender"] = sender
        let outcome = FilterChain([.skipSelf]).apply(to: self.content, context: context)
        #expect(outcome == (isDropped ? .dropped : .unchanged))
    }

    @Test(
        "skip-users drops what is not for a user (FR2)",
        arguments: [
            ("bob", "al, bob", true), ("bob", "bobby", false), ("bob", "bob", true), ("bob", " bob\t,", true),
            ("bob", "al bob", false), ("", "al,,bob", false), (nil, "bob", false), ("bob", nil, false),
            ("bob", "", false),
        ] as [(String?, String?, Bool)]
    )
    func skipUsers(user: String?, skipped: String?, isDropped: Bool) {
        var context = FilterContext()
        context.subscriptionMeta["user"] = user
        context.publicationMeta["skip_users"] = skipped
        let outcome = FilterChain([.skipUsers]).apply(to: self.content, context: context)
        #expect(outcome == (isDropped ? .dropped : .unchanged))
    }

    @Test(
        "require-sub drops what needs another subscription (FR3)",
        arguments: [("other", true), ("own", false), ("", false), (nil, false)] as [(String?, Bool)]
    )
    func requireSubscription(channel: String?, isDropped: Bool) {
        var context = FilterContext(isSubscribed: { $0 == "own" })
        context.publicationMeta["require_sub"] = channel
        let outcome = FilterChain([.requireSubscription]).apply(to: self.content, context: context)
        #expect(outcome == (isDropped ? .dropped : .unchanged))
    }

    @Test("Unknown filters do nothing (FR4)", arguments: ["foo", "http-check", "http-modify", "Skip-Self", ""])
    func unknown(name: String) {
        let chain = FilterChain([GRIPFilter(unchecked: name)])
        #expect(chain.isEmpty)
        #expect(chain.matches(contentFilters: []))
        let context = FilterContext(subscriptionMeta: ["user": "a"], publicationMeta: ["sender": "a"])
        #expect(chain.apply(to: self.content, context: context) == .unchanged)
        #expect(!FilterChain([.skipSelf]).isEmpty)
    }

    @Test("More filters than an instruction may name run all the same")
    func many() {
        let chain = FilterChain(Array(repeating: .substituteVariables, count: 20))
        let context = FilterContext(subscriptionMeta: ["a": "%(a)s"])
        #expect(chain.apply(to: ByteBuffer(string: "%(a)s"), context: context) == .replaced(.init(string: "%(a)s")))
    }

    @Test("Content passes from filter to filter in order, until one drops it or fails")
    func order() {
        var context = FilterContext(
            subscriptionMeta: ["user": "bob", "id_format": "%(c)s", "directive": "%I"],
            channelIDs: ["c": "7"]
        )
        let text = "%(directive)s"
        #expect(self.apply(.substituteVariables, .buildID, to: text, context) == .replaced(ByteBuffer(string: "7")))
        #expect(
            self.apply(.buildID, .substituteVariables, to: text, context)
                == .failed("build-id: the directive at byte 0 is unknown")
        )
        context.publicationMeta["sender"] = "bob"
        #expect(self.apply(.substituteVariables, .skipSelf, to: text, context) == .dropped)
        #expect(self.apply(.skipSelf, .buildID, to: text, context) == .dropped)
        #expect(
            self.apply(.buildID, .skipSelf, to: text, context)
                == .failed("build-id: the directive at byte 0 is unknown")
        )
    }

    @Test("A publisher's content filters are compared with those that change content, in order")
    func contentFilters() throws {
        let chain = FilterChain([
            .skipSelf, .substituteVariables, GRIPFilter(unchecked: "foo"), .buildID, .requireSubscription,
        ])
        #expect(chain.matches(contentFilters: nil))
        #expect(chain.matches(contentFilters: [.substituteVariables, .buildID]))
        #expect(!chain.matches(contentFilters: [.buildID, .substituteVariables]))
        #expect(!chain.matches(contentFilters: [.substituteVariables]))
        #expect(!chain.matches(contentFilters: [.skipSelf, .substituteVariables, .buildID]))
        #expect(!chain.matches(contentFilters: []))
        #expect(FilterChain([.skipSelf]).matches(contentFilters: []))
        #expect(!FilterChain([]).matches(contentFilters: [.buildID]))
        #expect(FilterChain([.buildID, .buildID]).matches(contentFilters: [.buildID, .buildID]))
    }

    @Test("A message that fails does not stop the next (FR8)")
    func failuresPass() {
        let chain = FilterChain([.substituteVariables])
        let context = FilterContext(subscriptionMeta: ["name": "bob"])
        let outcomes = ["%(nobody)s", "hello %(name)s", ""].map {
            chain.apply(to: ByteBuffer(string: $0), context: context)
        }
        let failure = FilterOutcome.failed("var-subst: the directive at byte 0 names an unknown variable")
        #expect(outcomes == [failure, .replaced(ByteBuffer(string: "hello bob")), .unchanged])
    }
}
