import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

/// When held connections are flushed.
@Suite("Flush queue") struct FlushQueueTests {
    private final class Member: FlushQueueMember {
        var needsFlush = false
        var written = 0
        /// How much each flush has sent.
        var sent: [Int] = []

        func flush() {
            self.sent.append(self.written)
            self.written = 0
        }
    }

    private typealias Queue = FlushQueue

    private let loop = EmbeddedEventLoop()

    private func write(to members: ArraySlice<Member>, _ queue: Queue) {
        for member in members {
            member.written += 1
            queue.add(member)
        }
    }

    private func members(_ count: Int) -> [Member] { (0..<count).map { _ in Member() } }

    @Test("What is written outside of a delivery is flushed once, by a task")
    func single() {
        let queue = Queue(turns: TurnQueue(eventLoop: self.loop))
        let member = Member()
        self.write(to: [member, member], queue)
        #expect(member.sent == [])
        self.loop.run()
        #expect(member.sent == [2])
        self.write(to: [member], queue)
        self.loop.run()
        #expect(member.sent == [2, 1])
    }

    @Test("However often there is something to flush, it goes out at once when nothing else waits")
    func again() {
        let queue = Queue(turns: TurnQueue(eventLoop: self.loop))
        let member = Member()
        for count in 1...(2 * Queue.slicesBetweenEvents) {
            self.write(to: [member], queue)
            self.loop.run()
            #expect(member.sent.count == count)
        }
    }

    @Test("The first ones are flushed right after a delivery, the others soon")
    func slices() {
        let queue = Queue(turns: TurnQueue(eventLoop: self.loop))
        let members = self.members(Queue.sliceSize + 1)
        queue.collect { self.write(to: members[...], queue) }
        #expect(members.filter { $0.sent == [1] }.count == Queue.sliceSize)
        #expect(members.last?.sent == [])
        self.loop.run()
        #expect(members.allSatisfy { $0.sent == [1] })
    }

    @Test("What is delivered meanwhile joins what waits, and nobody is flushed out of turn")
    func coalescing() {
        let queue = Queue(turns: TurnQueue(eventLoop: self.loop))
        let members = self.members(3 * Queue.sliceSize)
        queue.collect { self.write(to: members[...], queue) }
        queue.collect { self.write(to: members[...], queue) }
        self.loop.run()
        #expect(members.prefix(Queue.sliceSize).allSatisfy { $0.sent == [1, 1] })
        #expect(members.dropFirst(Queue.sliceSize).allSatisfy { $0.sent == [2] })
    }

    @Test("The loop gets to look at its sockets although there is always something to flush")
    func events() {
        let queue = Queue(turns: TurnQueue(eventLoop: self.loop))
        let members = self.members(20 * Queue.sliceSize * Queue.slicesBetweenEvents)
        queue.collect { self.write(to: members[...], queue) }
        self.loop.run()
        let flushed = members.filter { !$0.sent.isEmpty }.count
        #expect(flushed <= (Queue.slicesBetweenEvents + 1) * Queue.sliceSize)
        self.loop.advanceTime(by: .seconds(1))
        #expect(members.allSatisfy { $0.sent == [1] })
    }
}
