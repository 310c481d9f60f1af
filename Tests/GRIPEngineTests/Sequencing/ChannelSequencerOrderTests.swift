import GRIP
import GRIPEngine
import Testing

@Suite("The sequencer puts items in order")
struct ChannelSequencerOrderTests {
    private var sequencer = ChannelSequencer(.init())

    /// Receives an item at a time and tells what is delivered.
    private mutating func receive(_ publication: GRIPPublication, at milliseconds: Int64 = 0) -> [String]? {
        let now = EngineTime(milliseconds: milliseconds)
        switch self.sequencer.receive(publication, hasSubscribers: true, now: now) {
        case .deliverOnly: return [publication.name]
        case .deliver(let publications): return publications.map(\.name)
        case .duplicate, .waiting, .dropped: return nil
        }
    }

    private mutating func wake(at milliseconds: Int64) -> [String] {
        self.sequencer.wake(at: EngineTime(milliseconds: milliseconds)).map(\.name)
    }

    @Test("Items that came in reverse order are delivered in theirs (HD23)")
    mutating func reverseOrder() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("e", id: "e", after: "d")) == nil)
        #expect(self.receive(.init("d", id: "d", after: "c")) == nil)
        #expect(self.receive(.init("c", id: "c", after: "b")) == nil)
        #expect(self.sequencer.pendingCount == 3)
        #expect(self.receive(.init("b", id: "b", after: "a")) == ["b", "c", "d", "e"])
        #expect(self.sequencer.pendingCount == 0)
        #expect(self.sequencer.pendingBytes == 0)
        #expect(self.sequencer.nextDeadline == nil)
        #expect(self.sequencer.lastID(of: "c") == "e")
        #expect(self.sequencer.counters.reordered == 3)
    }

    @Test("An item that waited in vain is delivered, and then what waited for it (HD24)")
    mutating func overdue() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("d", id: "d", after: "c"), at: 100) == nil)
        #expect(self.receive(.init("c", id: "c", after: "b"), at: 150) == nil)
        #expect(self.receive(.init("z", id: "z", after: "y"), at: 200) == nil)
        #expect(self.sequencer.nextDeadline == EngineTime(milliseconds: 5100))
        #expect(self.wake(at: 5099) == [])
        #expect(self.wake(at: 5100) == ["d"])
        #expect(self.sequencer.nextDeadline == EngineTime(milliseconds: 5150))
        #expect(self.wake(at: 5199) == ["c"])
        #expect(self.sequencer.lastID(of: "c") == "c")
        #expect(self.sequencer.nextDeadline == EngineTime(milliseconds: 5200))
        #expect(self.receive(.init("y", id: "y", after: "x"), at: 5199) == nil)
        #expect(self.wake(at: 60_000) == ["z", "y"])
        #expect(self.sequencer.nextDeadline == nil)
        #expect(self.sequencer.counters.overdue == 4)
    }

    @Test("An overdue item releases what followed it")
    mutating func overdueReleases() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("c", id: "c", after: "b"), at: 0) == nil)
        #expect(self.receive(.init("d", id: "d", after: "c"), at: 4000) == nil)
        #expect(self.receive(.init("other", on: "o", id: "1"), at: 4000) == ["other"])
        #expect(self.wake(at: 5000) == ["c", "d"])
        #expect(self.sequencer.counters.overdue == 1)
        #expect(self.sequencer.counters.reordered == 1)
    }

    @Test("An item that asks for no order is delivered at once and changes none (HD25)")
    mutating func noSequence() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("x", id: "x", after: "unknown", noSequence: true)) == ["x"])
        #expect(self.sequencer.lastID(of: "c") == "a")
        #expect(self.receive(.init("b", id: "b", after: "a")) == ["b"])
    }

    @Test("Without subscribers items are delivered at once and the order is left alone")
    mutating func noSubscribers() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        let now = EngineTime(milliseconds: 0)
        let lost = self.sequencer.receive(.init("x", id: "x", after: "y"), hasSubscribers: false, now: now)
        #expect(lost == .deliverOnly)
        #expect(self.sequencer.lastID(of: "c") == "a")
        #expect(self.sequencer.lastIDCount == 1)
    }

    @Test("The first item with a prev-id is delivered whatever it follows")
    mutating func unknownOrder() {
        #expect(self.receive(.init("b", id: "b", after: "a")) == ["b"])
        #expect(self.sequencer.lastID(of: "c") == "b")
    }

    @Test("An item without an id is delivered and makes the order unknown")
    mutating func withoutID() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("late", id: "d", after: "c")) == nil)
        #expect(self.receive(.init("plain")) == ["plain"])
        #expect(self.sequencer.lastID(of: "c") == nil)
        #expect(self.receive(.init("x", id: "x", after: "w")) == ["x"])
        #expect(self.receive(.init("c", id: "c", after: "x")) == ["c", "late"])
    }

    @Test("A released item without an id ends the chain")
    mutating func chainEndsWithoutID() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("c", after: "b")) == nil)
        #expect(self.receive(.init("d", id: "d", after: "c")) == nil)
        #expect(self.receive(.init("b", id: "b", after: "a")) == ["b", "c"])
        #expect(self.sequencer.lastID(of: "c") == nil)
        #expect(self.sequencer.pendingCount == 1)
    }

    @Test("Items that follow one another in a circle are delivered once")
    mutating func circle() {
        #expect(self.receive(.init("a", id: "a")) == ["a"])
        #expect(self.receive(.init("x", id: "x", after: "y")) == nil)
        #expect(self.receive(.init("y", id: "y", after: "x")) == nil)
        #expect(self.receive(.init("s", id: "s", after: "s")) == nil)
        #expect(self.wake(at: 5000) == ["x", "y", "s"])
    }

    @Test("The empty text is an id like any other")
    mutating func emptyID() {
        #expect(self.receive(.init("empty", id: "")) == ["empty"])
        #expect(self.sequencer.lastID(of: "c") == "")
        #expect(self.receive(.init("b", id: "b", after: "a")) == nil)
        #expect(self.receive(.init("a", id: "a", after: "")) == ["a", "b"])
    }

    @Test("Channels have orders of their own, told apart by their bytes")
    mutating func channels() {
        #expect(self.receive(.init("1", on: "\u{E9}", id: "a")) == ["1"])
        #expect(self.receive(.init("2", on: "e\u{301}", id: "b", after: "x")) == ["2"])
        #expect(self.sequencer.lastID(of: "\u{E9}") == "a")
        #expect(self.sequencer.lastID(of: "e\u{301}") == "b")
        #expect(self.receive(.init("3", on: "\u{E9}", id: "\u{E9}", after: "a")) == ["3"])
        #expect(self.receive(.init("4", on: "\u{E9}", id: "d", after: "e\u{301}")) == nil)
    }

    @Test("A channel whose last id is forgotten takes any item as the first")
    mutating func forgetting() {
        for channel in ["c", "d"] { _ = self.receive(.init("a", on: channel, id: "a")) }
        self.sequencer.forgetLastID(of: "c")
        #expect(self.receive(.init("x", on: "c", id: "x", after: "w")) == ["x"])
        #expect(self.receive(.init("y", on: "d", id: "x", after: "w")) == nil)
        self.sequencer.forgetAllLastIDs()
        #expect(self.sequencer.lastIDCount == 0)
        #expect(self.receive(.init("z", on: "d", id: "w", after: "v")) == ["z", "y"])
    }

    @Test("A channel without subscribers loses what waited, which may be published again")
    mutating func lostChannel() {
        for channel in ["c", "d"] {
            _ = self.receive(.init("a", on: channel, id: "a"))
            _ = self.receive(.init("c", on: channel, id: "c", after: "b"))
            _ = self.receive(.init("e", on: channel, id: "e", after: "d"))
        }
        #expect(self.sequencer.channelLost("c") == 2)
        #expect(self.sequencer.channelLost("c") == 0)
        #expect(self.sequencer.counters.lost == 2)
        #expect(self.sequencer.pendingCount == 2)
        #expect(self.sequencer.lastID(of: "c") == nil)
        #expect(self.receive(.init("again", id: "c", after: "b")) == ["again"])
        #expect(self.receive(.init("a", id: "a")) == nil)
        #expect(self.wake(at: 5000) == ["c", "e"])
    }
}
