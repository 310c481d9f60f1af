import GRIP
import GRIPNATS
import NIOCore
import TestSupport
import Testing

@Suite("Numbers and heartbeats")
struct LedgerTests {
    private func time(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds * 1_000_000_000)) }

    private func number(_ value: UInt64, isFirst: Bool = false) -> SentLedger.Number {
        .init(value: value, isFirst: isFirst)
    }

    private func beat(_ beat: UInt64, total: UInt64, _ channels: [(String, UInt64, UInt64)]?) -> Heartbeat {
        Heartbeat(
            instance: 7,
            beat: beat,
            total: total,
            channels: channels?.map { Heartbeat.Entry(channel: $0.0, first: $0.1, last: $0.2) }
        )
    }

    private func ledger(attending channels: String...) -> ReceivedLedger {
        var ledger = ReceivedLedger()
        for channel in channels { ledger.attend(channel, now: self.time(0)) }
        ledger.connected(now: self.time(1))
        #expect(ledger.receive(self.beat(1, total: 0, []), now: self.time(1)) == .none)
        return ledger
    }

    @Test func theGreatestNumberHasNoNextOne() {
        var ledger = self.ledger(attending: "a")
        #expect(ledger.receive(self.number(.max), of: "a", from: 7, now: self.time(2)) == false)
        #expect(ledger.receive(self.number(.max), of: "a", from: 7, now: self.time(2)) == true)
        #expect(ledger.receive(self.number(5), of: "a", from: 7, now: self.time(2)) == true)
        _ = ledger.receive(self.beat(.max, total: .max, [("a", .max, .max)]), now: self.time(3))
        #expect(ledger.receive(self.beat(.max, total: .max, [("a", .max, .max)]), now: self.time(4)) == .none)
    }

    // MARK: Sending

    @Test func numbersAreOfTheChannel() {
        var ledger = SentLedger()
        #expect(ledger.next("a") == self.number(1, isFirst: true))
        #expect(ledger.next("b") == self.number(1, isFirst: true))
        #expect(ledger.next("a") == self.number(2))
        let heartbeat = ledger.heartbeat(of: 7)
        #expect(heartbeat.beat == 1 && heartbeat.total == 3)
        #expect(heartbeat.channels?.sorted { $0.channel < $1.channel }.map(\.last) == [2, 1])
        // One that could not be sent is made up for by the next, which has its number.
        #expect(ledger.heartbeat(of: 7) == heartbeat)
        ledger.sent(heartbeat)
        #expect(ledger.next("a") == self.number(3))
        let next = ledger.heartbeat(of: 7)
        #expect(next.beat == 2 && next.total == 4)
        #expect(next.channels == [Heartbeat.Entry(channel: "a", first: 3, last: 3)])
    }

    /// Swift takes them for the same text.
    @Test func namesAreBytes() {
        var sent = SentLedger()
        _ = sent.next("\u{E9}")
        #expect(sent.next("e\u{301}") == self.number(1, isFirst: true))
        let ledger = self.ledger(attending: "\u{E9}")
        #expect(ledger.isAttended("\u{E9}") && !ledger.isAttended("e\u{301}"))
    }

    @Test func channelsAreForgotten() {
        var ledger = SentLedger(channelLimit: 10)
        for _ in 0..<2 { _ = ledger.next("used") }
        for index in 0..<1000 {
            let number = ledger.next("\(index)")
            #expect(number.isFirst)
            #expect(ledger.count <= 10)
            guard index % 3 == 0 else { continue }
            let used = ledger.next("used")
            #expect(!used.isFirst)
        }
        #expect(ledger.next("0") == self.number(1, isFirst: true))
    }

    /// Channels that one heartbeat has no room for are named by the next ones.
    @Test func heartbeatsAreBounded() {
        var ledger = SentLedger(heartbeatLimit: 3)
        for channel in ["a", "b", "c", "d", "a"] { ledger.next(channel) }
        let first = ledger.heartbeat(of: 7)
        #expect(first.channels?.map(\.channel) == ["a", "b", "c"] && first.hasMore && first.total == 4)
        ledger.sent(first)
        #expect(ledger.hasChanges)
        ledger.next("a")
        let second = ledger.heartbeat(of: 7)
        #expect(second.channels?.map(\.channel) == ["d", "a"] && !second.hasMore && second.total == 6)
        #expect(second.beat == 2)
        ledger.sent(second)
        #expect(!ledger.hasChanges && ledger.heartbeat(of: 7).channels == [])
    }

    @Test func heartbeatsFitIntoTheirBytes() {
        var ledger = SentLedger()
        let long = String(repeating: "x", count: 90)
        for channel in ["a", "b", long, "c"] { ledger.next(channel) }
        var names: [String] = []
        while ledger.hasChanges {
            let heartbeat = ledger.heartbeat(of: 7, byteLimit: 70)
            #expect(heartbeat.payload.readableBytes <= 70)
            names += heartbeat.channels?.map(\.channel) ?? []
            ledger.sent(heartbeat)
        }
        // No heartbeat has room for the long one, and what is published to it has none either.
        #expect(names == ["a", "b", "c"])
        #expect(ledger.heartbeat(of: 7).total == 4)
    }

    @Test func moreChangesThanAreRemembered() {
        var ledger = SentLedger(channelLimit: 4)
        for index in 0..<5 { ledger.next("\(index)") }
        let heartbeat = ledger.heartbeat(of: 7)
        #expect(heartbeat.channels == nil && heartbeat.beat == 1 && heartbeat.total == 5)
        ledger.sent(heartbeat)
        #expect(ledger.heartbeat(of: 7).channels == [])
        // Nobody has got what is refused, which they notice by the heartbeat that is not there.
        for index in 0..<5 { ledger.next("\(index)", isRefused: true) }
        let other = ledger.heartbeat(of: 7)
        #expect(other.channels == nil && other.beat == 3)
        ledger.sent(other)
        for index in 0..<5 { ledger.next("\(index)") }
        #expect(ledger.heartbeat(of: 7).beat == 4)
    }

    @Test func heartbeatsCanBeRead() throws {
        for heartbeat in [
            self.beat(1, total: 0, []), self.beat(.max, total: .max, nil),
            self.beat(3, total: 9, [("é", 1, 2), ("", 3, 3)]),
            Heartbeat(instance: 7, beat: 3, total: 9, channels: [], hasMore: true),
        ] {
            #expect(Heartbeat(payload: heartbeat.payload) == heartbeat)
            var cut = heartbeat.payload
            cut.moveWriterIndex(to: cut.writerIndex - 1)
            #expect(Heartbeat(payload: cut) == nil)
        }
        var hostile = HostileBytes(
            seed: 4,
            seeds: [Array(self.beat(3, total: 9, [("abc", 1, 2)]).payload.readableBytesView)],
            pieces: [[0], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0, 0, 0, 0, 1]]
        )
        for _ in 0..<10_000 { _ = Heartbeat(payload: ByteBuffer(bytes: hostile.next())) }
    }

    @Test func payloadsCanBeRead() throws {
        let item = GRIPItem(.httpStream("x"), id: "1")
        for name in ["a", "", "a\u{0}b", "a\r\nb"] {
            let publication = GRIPPublication(item, to: GRIPChannel(unchecked: name))
            var payload = BusPayload.unnumbered(publication, instance: 9)
            BusPayload.setNumber(self.number(513, isFirst: true), in: &payload)
            let read = BusPayload(payload)
            #expect(read?.instance == 9 && read?.number == self.number(513, isFirst: true))
            let parsed = try GRIPPublication.parse(json: #require(read?.body))
            #expect(parsed.map(\.item) == [item] && (read?.channel ?? parsed.first?.channel.name) == name)
        }
        var payload = BusPayload.unnumbered(GRIPPublication(item, to: "a"), instance: 9)
        BusPayload.setNumber(self.number(1), in: &payload)
        for length in 0..<BusPayload.headByteCount {
            let cut = ByteBuffer(bytes: payload.readableBytesView.prefix(length))
            #expect(BusPayload(cut) == nil)
        }
        payload.setInteger(UInt8(2), at: 0)
        #expect(BusPayload(payload) == nil)
    }

    // MARK: Receiving

    @Test func aHoleBetweenPublications() {
        var ledger = self.ledger(attending: "a")
        #expect(ledger.receive(self.number(5), of: "a", from: 7, now: self.time(2)) == false)
        #expect(ledger.receive(self.number(6), of: "a", from: 7, now: self.time(2)) == false)
        #expect(ledger.receive(self.number(8), of: "a", from: 7, now: self.time(2)) == true)
        #expect(ledger.receive(self.number(9), of: "a", from: 7, now: self.time(2)) == false)
        #expect(ledger.receive(self.number(1, isFirst: true), of: "a", from: 7, now: self.time(2)) == false)
        #expect(ledger.receive(self.number(2), of: "a", from: 7, now: self.time(2)) == false)
        // The beginning of new numbers is missing.
        #expect(ledger.receive(self.number(2), of: "a", from: 7, now: self.time(2)) == true)
        #expect(ledger.receive(self.number(77), of: "other", from: 7, now: self.time(2)) == false)
    }

    @Test func theLastOnesAreMissing() {
        var ledger = self.ledger(attending: "a", "b", "c")
        _ = ledger.receive(self.number(5), of: "a", from: 7, now: self.time(1.5))
        _ = ledger.receive(self.number(1, isFirst: true), of: "b", from: 7, now: self.time(1.5))
        let heartbeat = self.beat(2, total: 4, [("a", 5, 6), ("b", 1, 1), ("c", 9, 9), ("other", 1, 1)])
        #expect(ledger.receive(heartbeat, now: self.time(2)) == .channels(["a", "c"]))
        #expect(ledger.receive(self.beat(3, total: 4, []), now: self.time(3)) == .none)
        #expect(ledger.receive(self.number(7), of: "a", from: 7, now: self.time(3)) == false)
    }

    @Test func theFirstOnesAreMissing() {
        var ledger = self.ledger(attending: "a")
        #expect(ledger.receive(self.number(58), of: "a", from: 7, now: self.time(1.5)) == false)
        #expect(ledger.receive(self.beat(2, total: 2, [("a", 57, 58)]), now: self.time(2)) == .channels(["a"]))
        var other = self.ledger(attending: "a")
        #expect(other.receive(self.number(57), of: "a", from: 7, now: self.time(1.5)) == false)
        #expect(other.receive(self.number(58), of: "a", from: 7, now: self.time(1.5)) == false)
        #expect(other.receive(self.beat(2, total: 2, [("a", 57, 58)]), now: self.time(2)) == .none)
    }

    @Test func whatCameBeforeTheInterestIsNotMissing() {
        var ledger = self.ledger()
        ledger.attend("a", now: self.time(1.5))
        #expect(ledger.receive(self.beat(2, total: 3, [("a", 1, 3)]), now: self.time(2)) == .none)
        #expect(ledger.receive(self.beat(3, total: 4, [("a", 4, 4)]), now: self.time(3)) == .channels(["a"]))
        ledger.ignore("a")
        #expect(ledger.receive(self.beat(4, total: 5, [("a", 5, 5)]), now: self.time(4)) == .none)
    }

    @Test func aHoleBetweenHeartbeats() {
        var ledger = self.ledger(attending: "a")
        #expect(ledger.receive(self.beat(4, total: 0, []), now: self.time(4)) == .none)
        #expect(ledger.receive(self.beat(6, total: 1, []), now: self.time(6)) == .all)
        #expect(ledger.receive(self.beat(7, total: 1, []), now: self.time(7)) == .none)
        #expect(ledger.receive(self.beat(6, total: 1, []), now: self.time(7)) == .none)
        #expect(ledger.receive(self.beat(8, total: 5000, nil), now: self.time(8)) == .none)
        #expect(ledger.receive(self.beat(10, total: 9000, nil), now: self.time(10)) == .all)
    }

    /// A channel may be named some heartbeats after the publication, by when somebody may have subscribed to it.
    @Test func aChannelThatIsNamedLater() {
        var ledger = self.ledger(attending: "b")
        func beat(_ beat: UInt64, _ channel: String, hasMore: Bool) -> Heartbeat {
            let entry = Heartbeat.Entry(channel: channel, first: 1, last: 1)
            return Heartbeat(instance: 7, beat: beat, total: beat, channels: [entry], hasMore: hasMore)
        }
        ledger.attend("a", now: self.time(2))
        #expect(ledger.receive(beat(2, "x", hasMore: true), now: self.time(3)) == .none)
        #expect(ledger.receive(beat(3, "a", hasMore: true), now: self.time(3)) == .none)
        #expect(ledger.receive(beat(4, "b", hasMore: false), now: self.time(3)) == .channels(["b"]))
        #expect(ledger.receive(beat(5, "a", hasMore: false), now: self.time(4)) == .none)
        #expect(
            ledger.receive(self.beat(6, total: 6, [("a", 2, 2)]), now: self.time(5)) == .channels(["a"])
        )
        // One of a row is missing.
        #expect(ledger.receive(beat(8, "x", hasMore: true), now: self.time(6)) == .all)
    }

    @Test func anInstanceThatWasNotHeardOf() {
        var ledger = ReceivedLedger()
        ledger.attend("a", now: self.time(0))
        ledger.connected(now: self.time(1))
        // Right after the connection, everybody is new.
        #expect(ledger.receive(self.beat(100, total: 50, [("a", 1, 1)]), now: self.time(2)) == .none)
        ledger.connected(now: self.time(3))
        #expect(ledger.receive(self.beat(200, total: 60, []), now: self.time(9)) == .all)
        ledger.connected(now: self.time(10))
        #expect(ledger.receive(self.beat(1, total: 3, [("a", 1, 3)]), now: self.time(20)) == .channels(["a"]))
        ledger.connected(now: self.time(20))
        #expect(ledger.receive(self.beat(50, total: 0, []), now: self.time(30)) == .none)
    }

    @Test func silentInstancesAreForgotten() {
        var ledger = self.ledger(attending: "a")
        for instance in 100..<5000 as Range<UInt64> {
            let heartbeat = Heartbeat(instance: instance, beat: 1, total: 0, channels: [])
            #expect(ledger.receive(heartbeat, now: self.time(2)) == .none)
        }
        #expect(ledger.peerCount == ReceivedLedger.maximumPeers)
        #expect(ledger.unfollowedCount == 4900 - (ReceivedLedger.maximumPeers - 1))
        #expect(ledger.receive(self.number(1), of: "a", from: 99, now: self.time(2)) == false)
        #expect(ledger.unfollowedCount == 4901 - (ReceivedLedger.maximumPeers - 1))
        #expect(ledger.receive(self.beat(2, total: 0, []), now: self.time(50)) == .none)
        #expect(ledger.receive(self.beat(3, total: 0, []), now: self.time(63)) == .none)
        #expect(ledger.peerCount == 1)
    }
}
