import GRIPEngine
import Testing

@Suite("What a bus is told about interest") struct InterestQueueTests {
    @Test("Changes of the same kind that follow each other are told together, and others in order")
    func order() {
        var queue = InterestQueue()
        for effect: ChannelHub.Effect in [
            .interest("a"), .interest("b"), .noInterest("a"), .lookAgain("b", .none), .noInterest("b"), .interest("a"),
        ] {
            queue.add(effect)
        }
        #expect(queue.begin() == true)
        #expect(queue.next() == .attend(["a", "b"]))
        #expect(queue.next() == .ignore(["a", "b"]))
        #expect(queue.next() == .attend(["a"]))
        #expect(queue.next() == nil)
    }

    @Test("Very many changes at once are told in one call, without a copy of all for each")
    func many() {
        var queue = InterestQueue()
        let names = (0..<200_000).map { "channel-\($0)" }
        for name in names { queue.add(.noInterest(name)) }
        #expect(queue.begin() == true)
        #expect(queue.next() == .ignore(names))
        #expect(queue.next() == nil)
    }

    @Test("One tells it at a time, and tells what others add meanwhile")
    func oneAtATime() {
        var queue = InterestQueue()
        #expect(queue.begin() == false)
        queue.add(.interest("a"))
        #expect(queue.begin() == true)
        #expect(queue.next() == .attend(["a"]))
        queue.add(.noInterest("a"))
        #expect(queue.begin() == false)
        #expect(queue.next() == .ignore(["a"]))
        #expect(queue.next() == nil)
        #expect(queue.begin() == false)
        queue.add(.interest("b"))
        #expect(queue.begin() == true)
    }
}
