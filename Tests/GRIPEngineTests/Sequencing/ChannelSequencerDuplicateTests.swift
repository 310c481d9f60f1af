import GRIP
import GRIPEngine
import Testing

@Suite("The sequencer delivers an id once")
struct ChannelSequencerDuplicateTests {
    private func time(_ milliseconds: Int64) -> EngineTime { EngineTime(milliseconds: milliseconds) }

    @Test("An id counts as seen for its lifetime (HD21)")
    func lifetime() {
        var sequencer = ChannelSequencer(.init())
        let publication = GRIPPublication("a", id: "a")
        #expect(sequencer.receive(publication, hasSubscribers: true, now: self.time(0)) == .deliverOnly)
        #expect(sequencer.receive(publication, hasSubscribers: true, now: self.time(0)) == .duplicate)
        #expect(sequencer.receive(publication, hasSubscribers: true, now: self.time(59_999)) == .duplicate)
        #expect(sequencer.receive(publication, hasSubscribers: true, now: self.time(60_000)) == .deliverOnly)
        #expect(sequencer.receive(publication, hasSubscribers: true, now: self.time(119_999)) == .duplicate)
        #expect(sequencer.counters.duplicates == 3)
        #expect(sequencer.idCount == 1)
    }

    @Test("The empty id is one (HD22), and no id is none")
    func emptyID() {
        var sequencer = ChannelSequencer(.init())
        let empty = GRIPPublication("empty", id: "")
        #expect(sequencer.receive(empty, hasSubscribers: true, now: self.time(0)) == .deliverOnly)
        #expect(sequencer.receive(empty, hasSubscribers: true, now: self.time(1)) == .duplicate)
        let plain = GRIPPublication("plain")
        #expect(sequencer.receive(plain, hasSubscribers: true, now: self.time(2)) == .deliverOnly)
        #expect(sequencer.receive(plain, hasSubscribers: true, now: self.time(3)) == .deliverOnly)
        #expect(sequencer.idCount == 1)
    }

    @Test("Ids are remembered without subscribers and without order too")
    func everywhere() {
        var sequencer = ChannelSequencer(.init())
        #expect(sequencer.receive(.init("1", id: "a"), hasSubscribers: false, now: self.time(0)) == .deliverOnly)
        #expect(sequencer.receive(.init("2", id: "a"), hasSubscribers: true, now: self.time(0)) == .duplicate)
        let hasty = GRIPPublication("3", id: "b", noSequence: true)
        #expect(sequencer.receive(hasty, hasSubscribers: true, now: self.time(0)) == .deliverOnly)
        #expect(sequencer.receive(hasty, hasSubscribers: true, now: self.time(0)) == .duplicate)
    }

    @Test("An item that waits is not taken twice")
    func whileWaiting() {
        var sequencer = ChannelSequencer(.init())
        _ = sequencer.receive(.init("a", id: "a"), hasSubscribers: true, now: self.time(0))
        let early = GRIPPublication("c", id: "c", after: "b")
        #expect(sequencer.receive(early, hasSubscribers: true, now: self.time(0)) == .waiting)
        #expect(sequencer.receive(early, hasSubscribers: true, now: self.time(0)) == .duplicate)
    }

    @Test("The same id on another channel, or one of other bytes, is another id")
    func otherIDs() {
        var sequencer = ChannelSequencer(.init())
        for (channel, id) in [("c", "a"), ("d", "a"), ("c", "\u{E9}"), ("c", "e\u{301}"), ("ca", ""), ("", "ca")] {
            let publication = GRIPPublication("x", on: channel, id: id)
            #expect(sequencer.receive(publication, hasSubscribers: true, now: self.time(0)) == .deliverOnly)
        }
    }

    @Test("A lifetime of zero switches it off")
    func off() {
        var sequencer = ChannelSequencer(.init(idLifetime: .zero))
        for _ in 0..<2 {
            #expect(sequencer.receive(.init("a", id: "a"), hasSubscribers: true, now: self.time(0)) == .deliverOnly)
        }
        #expect(sequencer.idCount == 0)
    }

    @Test("Expired ids go as others come")
    func expiry() {
        var sequencer = ChannelSequencer(.init(idLifetime: .milliseconds(10)))
        for number in 0..<1000 {
            _ = sequencer.receive(.init("a", id: "\(number)"), hasSubscribers: false, now: self.time(0))
        }
        for number in 0..<500 {
            _ = sequencer.receive(.init("b", id: "b\(number)"), hasSubscribers: false, now: self.time(10))
        }
        #expect(sequencer.idCount == 500)
        #expect(sequencer.counters.forgottenIDs == 0)
    }

    @Test("Huge lifetimes and times do not overflow")
    func extremes() {
        var sequencer = ChannelSequencer(.init(wait: .seconds(Int64.max), idLifetime: .seconds(Int64.max)))
        let last = self.time(.max)
        _ = sequencer.receive(.init("a", id: "a"), hasSubscribers: true, now: self.time(.min))
        #expect(sequencer.receive(.init("c", id: "c", after: "b"), hasSubscribers: true, now: last) == .waiting)
        #expect(sequencer.nextDeadline == last)
        #expect(sequencer.wake(at: last).count == 1)
    }
}
