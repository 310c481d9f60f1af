import GRIP
import GRIPEngine
import Testing

@Suite("The sequencer has limits")
struct ChannelSequencerLimitTests {
    private let now = EngineTime(milliseconds: 0)

    @Test("Of two items that follow the same one, the second is dropped and may come again")
    func samePreviousID() {
        var sequencer = ChannelSequencer(.init())
        _ = sequencer.receive(.init("a", id: "a"), hasSubscribers: true, now: self.now)
        #expect(sequencer.receive(.init("1", id: "1", after: "x"), hasSubscribers: true, now: self.now) == .waiting)
        let second = GRIPPublication("2", id: "2", after: "x")
        #expect(sequencer.receive(second, hasSubscribers: true, now: self.now) == .dropped(.samePreviousID))
        #expect(sequencer.wake(at: self.now + .seconds(5)).map(\.name) == ["1"])
        #expect(sequencer.receive(second, hasSubscribers: true, now: self.now) == .waiting)
        #expect(sequencer.counters.dropped == [.samePreviousID: 1])
    }

    @Test("A hundred items wait on a channel, and no more")
    func pendingPerChannel() {
        var sequencer = ChannelSequencer(.init())
        for channel in ["c", "d"] {
            _ = sequencer.receive(.init("a", on: channel, id: "a"), hasSubscribers: true, now: self.now)
        }
        for number in 0..<100 {
            let item = GRIPPublication("x", id: "i\(number)", after: "p\(number)")
            #expect(sequencer.receive(item, hasSubscribers: true, now: self.now) == .waiting)
        }
        let item = GRIPPublication("x", id: "last", after: "q")
        #expect(sequencer.receive(item, hasSubscribers: true, now: self.now) == .dropped(.channelFull))
        let other = GRIPPublication("x", on: "d", id: "last", after: "q")
        #expect(sequencer.receive(other, hasSubscribers: true, now: self.now) == .waiting)
        #expect(sequencer.channelLost("c") == 100)
    }

    @Test("All channels together have limits of items and of bytes", arguments: [true, false])
    func pendingTotal(isByCount: Bool) {
        var configuration = ChannelSequencer.Configuration()
        if isByCount { configuration.pendingTotal = 3 } else { configuration.pendingBytes = 3000 }
        var sequencer = ChannelSequencer(configuration)
        let text = String(repeating: "x", count: 700)
        for number in 0..<4 {
            let channel = "c\(number)"
            _ = sequencer.receive(.init("a", on: channel, id: "a"), hasSubscribers: true, now: self.now)
            let item = GRIPPublication(text, on: channel, id: "c", after: "b")
            let outcome = sequencer.receive(item, hasSubscribers: true, now: self.now)
            #expect(outcome == (number < 3 ? .waiting : .dropped(.full)))
        }
        #expect(sequencer.pendingCount == 3)
        #expect(sequencer.pendingBytes > 2100)
        #expect(sequencer.pendingBytes < 3000)
        #expect(sequencer.counters.dropped == [.full: 1])
    }

    @Test("The channel used least recently loses its last id")
    func lastIDs() {
        var sequencer = ChannelSequencer(.init(lastIDs: 2))
        for (number, channel) in ["a", "b", "a", "c"].enumerated() {
            _ = sequencer.receive(.init("x", on: channel, id: "\(number)"), hasSubscribers: true, now: self.now)
        }
        #expect(sequencer.lastID(of: "a") == "2")
        #expect(sequencer.lastID(of: "b") == nil)
        #expect(sequencer.lastID(of: "c") == "3")
        #expect(sequencer.counters.forgottenLastIDs == 1)
    }

    @Test("The oldest id is forgotten first")
    func ids() {
        var sequencer = ChannelSequencer(.init(ids: 2))
        for id in ["1", "2", "3"] {
            _ = sequencer.receive(.init("x", id: id), hasSubscribers: false, now: self.now)
        }
        #expect(sequencer.idCount == 2)
        #expect(sequencer.counters.forgottenIDs == 1)
        #expect(sequencer.receive(.init("x", id: "2"), hasSubscribers: false, now: self.now) == .duplicate)
        #expect(sequencer.receive(.init("x", id: "1"), hasSubscribers: false, now: self.now) == .deliverOnly)
    }

    @Test("Long ids and channel names cannot fill the memory")
    func idBytes() {
        var sequencer = ChannelSequencer(.init(idBytes: 10_000))
        let long = String(repeating: "x", count: 3000)
        for number in 0..<20 {
            let item = GRIPPublication("x", on: "c\(number)", id: long)
            _ = sequencer.receive(item, hasSubscribers: true, now: self.now)
        }
        #expect(sequencer.idCount == 3)
        #expect(sequencer.lastIDCount == 3)
        #expect(sequencer.counters.forgottenIDs == 17)
        _ = sequencer.receive(.init("x", id: long + long + long + long), hasSubscribers: true, now: self.now)
        #expect(sequencer.idCount == 0)
    }

    @Test("A last id takes the place of the one before it, also by its size")
    func replacedLastIDs() {
        var sequencer = ChannelSequencer(.init(idLifetime: .zero, idBytes: 1000))
        for number in 0..<100 {
            let id = String(repeating: "x", count: 100) + "\(number)"
            _ = sequencer.receive(.init("x", on: number == 0 ? "a" : "b", id: id), hasSubscribers: true, now: self.now)
        }
        #expect(sequencer.lastIDCount == 2)
        #expect(sequencer.counters.forgottenLastIDs == 0)
    }

    @Test("Limits of zero keep nothing")
    func nothing() {
        var sequencer = ChannelSequencer(.init(pendingPerChannel: 0, lastIDs: 0, ids: 0))
        for _ in 0..<2 {
            #expect(sequencer.receive(.init("x", id: "a"), hasSubscribers: true, now: self.now) == .deliverOnly)
        }
        #expect(sequencer.idCount == 0)
        #expect(sequencer.lastIDCount == 0)
    }
}
