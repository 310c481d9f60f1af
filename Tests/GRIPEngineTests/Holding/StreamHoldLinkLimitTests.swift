import GRIP
import GRIPEngine
import Testing

@Suite("A held stream and links that do not end")
struct StreamHoldLinkLimitTests {
    private static func stream(failures: UInt16 = 6, pages: UInt32 = 1000) -> StreamHold {
        StreamHold(
            channels: [],
            terms: .terms(next: "/next"),
            waitingLimit: 10,
            linkLimits: StreamHold.LinkLimits(failures: failures, pages: pages),
            now: EngineTime(milliseconds: 0)
        )
    }

    @Test("After many pages in a row each waits, and after very many the stream ends")
    func pages() {
        var hold = Self.stream(pages: 200)
        var now = EngineTime(milliseconds: 0)
        _ = hold.begin(isHolding: false, catchUp: .inOrder, now: now, random: 0)
        var pauses = 0
        var notices = 0
        var pageCount = 0
        while !hold.isEnded, pageCount < 1000 {
            pageCount += 1
            let page = HoldPage(continuation: .follow, channels: [], terms: .terms(next: "/next"), body: "x")
            let actions = hold.receive(page, now: now, random: 0)
            if actions.contains(.end(.tooManyPages(200))) { break }
            if actions.contains(.slowedDown(pages: 100)) { notices += 1 }
            guard let deadline = hold.nextDeadline else { continue }
            pauses += 1
            now = deadline
            #expect(hold.wake(at: now, random: 0).count == 1)
        }
        #expect(hold.isEnded)
        #expect(pageCount == 200)
        #expect(pauses == 100)
        #expect(notices == 1)
        #expect(now == EngineTime(milliseconds: 10_000))
    }

    @Test("A hold begins the count anew")
    func hold() {
        var hold = Self.stream(pages: 3)
        let now = EngineTime(milliseconds: 0)
        _ = hold.begin(isHolding: false, catchUp: .inOrder, now: now, random: 0)
        for continuation in [.follow, .follow, .hold, .follow, .follow, .hold] as [HoldPage.Continuation] {
            let page = HoldPage(continuation: continuation, channels: [], terms: .terms(next: "/next"), body: "x")
            _ = hold.receive(page, now: now, random: 0)
            if continuation == .hold { _ = hold.update(now: now) }
        }
        #expect(!hold.isEnded)
    }

    @Test("How many failures end a stream can be chosen", arguments: [1, 3] as [UInt16])
    func failures(limit: UInt16) {
        var hold = Self.stream(failures: limit)
        var now = EngineTime(milliseconds: 0)
        _ = hold.begin(isHolding: false, catchUp: .inOrder, now: now, random: 0)
        for attempt in 1...limit {
            let actions = hold.fetchFailed("401", now: now, random: 0)
            #expect(actions == (attempt == limit ? [.end(.linkFailed("401"))] : []))
            guard let deadline = hold.nextDeadline else { continue }
            now = deadline
            _ = hold.wake(at: now, random: 0)
        }
        #expect(hold.isEnded)
    }

    @Test("While a page cannot be fetched, items that follow what the client has are written, and others wait")
    func items() {
        var stream = StreamConversation.following([.channel("c", after: "1"), .channel("d")])
        #expect(stream.publish("2", id: "2", after: "1") == ["wait"])
        #expect(stream.publish("d", on: "d") == ["wait"])
        #expect(stream.publish("4", id: "4", after: "3") == ["wait"])
        #expect(stream.failFetch() == ["client < 2", "client < d"])
        #expect(stream.publish("3", id: "3", after: "2") == ["wait"])
        #expect(stream.publish("e", on: "d") == ["client < e"])
        #expect(stream.wait(60_000) == ["1000 GET /next c=2"])
        #expect(stream.publish("5", id: "5", after: "4") == ["wait"])
    }
}
