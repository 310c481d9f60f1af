import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Filters of an origin's own body")
struct ResponseFilterTests {
    private func filter(_ meta: [String: String] = ["id_format": "%(c)s", "id_encoding": "hex"]) -> ResponseFilter {
        ResponseFilter([.buildID], context: FilterContext(subscriptionMeta: meta))
    }

    @Test("A directive may come in pieces (FR5)")
    func pieces() {
        var filter = self.filter()
        let outcomes = ["The ID is %", "(", "R2D", "2", ")", "I.", "plain", ""].map {
            filter.update(ByteBuffer(string: $0))
        }
        let sent = ["The ID is ", "", "", "", "", "52324432."].map { FilterOutcome.replaced(ByteBuffer(string: $0)) }
        #expect(outcomes == sent + [.unchanged, .unchanged])
        #expect(filter.finish() == .unchanged)
    }

    @Test("Only build-id applies, and once however often it is listed")
    func once() {
        let context = FilterContext(subscriptionMeta: ["id_format": "x", "name": "bob"])
        let filters: [GRIPFilter] = [.buildID, .substituteVariables, .skipSelf, .buildID]
        var filter = ResponseFilter(filters, context: context)
        #expect(!filter.isEmpty)
        #expect(filter.update(ByteBuffer(string: "%%(name)s %(%%)I")) == .replaced(ByteBuffer(string: "%(name)s %%")))
    }

    @Test("Without build-id the body is left alone")
    func off() {
        let others: [GRIPFilter] = [.substituteVariables, .skipSelf, GRIPFilter(unchecked: "foo")]
        var filter = ResponseFilter(others, context: FilterContext())
        #expect(filter.isEmpty)
        #expect(filter.update(ByteBuffer(string: "100% %(x)I %")) == .unchanged)
        #expect(filter.finish() == .unchanged)
    }

    @Test("The id of a channel is not known yet")
    func unknownID() {
        var filter = self.filter()
        let failure = FilterOutcome.failed(
            "build-id: the id for the directive at byte 0 cannot be made from 'id_format'"
        )
        #expect(filter.update(ByteBuffer(string: "%I")) == failure)
        #expect(filter.update(ByteBuffer(string: "more")) == failure)
        #expect(filter.finish() == failure)
    }

    @Test("A body that ends inside a directive fails", arguments: ["%", "%(", "a%(x", "a%(x\\", "%(x)", "%%%"])
    func unfinished(body: String) {
        var filter = self.filter()
        _ = filter.update(ByteBuffer(string: body))
        guard case .failed = filter.finish() else {
            Issue.record("it did not fail")
            return
        }
    }

    @Test(
        "A subscription that cannot build ids fails from the start",
        arguments: [[:], ["id_format": "x", "id_encoding": "?"]]
    )
    func misconfigured(meta: [String: String]) {
        var filter = self.filter(meta)
        guard case .failed = filter.update(ByteBuffer(string: "plain")) else {
            Issue.record("it did not fail")
            return
        }
        #expect(filter.finish() == filter.update(ByteBuffer()))
    }

    @Test("A directive that never ends is not kept for ever")
    func endless() {
        var filter = self.filter()
        _ = filter.update(ByteBuffer(string: "%("))
        var pieces = 0
        while pieces < 10_000, filter.update(ByteBuffer(string: "xxxxxxxx")) == .replaced(ByteBuffer()) { pieces += 1 }
        #expect(pieces < 600)
        #expect(filter.finish() == .failed("build-id: the directive at byte 0 is too long"))
    }

    @Test("However a body is cut, the result is the same")
    func cuts() {
        var random = SplitMix64(seed: 12)
        let pieces = ["%", "(", ")", "\\", "I", "%(a)I", "%I", "%%", "x", "%(\\)b)I", "long text without any", "%(é)I"]
        var failed = 0
        for _ in 0..<5000 {
            let count = Int.random(in: 0...6, using: &random)
            let body = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let context = FilterContext(subscriptionMeta: ["id_format": "id"])
            let whole = FilterChain([.buildID]).apply(to: ByteBuffer(string: body), context: context)

            var filter = ResponseFilter([.buildID], context: context)
            var rest = ByteBuffer(string: body)
            var sent = ByteBuffer()
            var hasFailed = false
            while rest.readableBytes > 0, !hasFailed {
                let length = Int.random(in: 0...min(4, rest.readableBytes), using: &random)
                let piece = rest.readSlice(length: length) ?? ByteBuffer()
                switch filter.update(piece) {
                case .unchanged: sent.writeImmutableBuffer(piece)
                case .replaced(let output): sent.writeImmutableBuffer(output)
                case .failed: hasFailed = true
                case .dropped: Issue.record("a body is not dropped")
                }
            }
            if filter.finish() != .unchanged { hasFailed = true }
            switch whole {
            case .unchanged: #expect(sent == ByteBuffer(string: body) && !hasFailed)
            case .replaced(let output): #expect(sent == output && !hasFailed)
            case .failed:
                #expect(hasFailed)
                failed += 1
            case .dropped: Issue.record("a body is not dropped")
            }
        }
        #expect(failed > 500)
        #expect(failed < 4500)
    }
}
