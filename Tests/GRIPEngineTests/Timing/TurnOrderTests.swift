import GRIPEngine
import Testing

@Suite("Whose turn it is")
struct TurnOrderTests {
    @Test("Everybody has a turn before anybody has a second one, and then the sockets have theirs")
    func order() {
        var order = TurnOrder<String>()
        #expect(order.schedule() == .nothing)
        for name in ["a", "b", "c"] { order.add(name) }
        #expect(order.schedule() == .soon)
        #expect(order.schedule() == .nothing)
        order.begin(.soon)
        var turns: [String] = []
        while let name = order.next() {
            turns.append(name)
            order.add(name)
        }
        #expect(turns == ["a", "b", "c", "a"])
        #expect(order.schedule() == .afterEvents)
        order.begin(.afterEvents)
        #expect(order.next() == "b")
        #expect(order.next() == "c")
        #expect(order.next() == "a")
        #expect(order.next() == nil)
        #expect(order.isEmpty)
        // Who comes when nobody else waits has a turn soon.
        order.add("d")
        #expect(order.schedule() == .soon)
    }

    @Test("Who waits for the sockets to have theirs has no turn before")
    func afterEvents() {
        var order = TurnOrder<Int>()
        order.add(1)
        #expect(order.schedule() == .soon)
        order.addAfterEvents(2)
        order.begin(.soon)
        #expect(order.next() == nil)
        #expect(order.schedule() == .afterEvents)
        order.begin(.afterEvents)
        #expect((0..<3).map { _ in order.next() } == [1, 2, nil])
    }

    @Test("Turns that were had at once count when there are more to come")
    func atOnce() {
        var order = TurnOrder<Int>()
        for _ in 0..<10 { order.noteTurn() }
        order.add(1)
        #expect(order.schedule() == .soon)
        order.begin(.soon)
        #expect((0..<4).map { _ in order.next() } == [1, nil, nil, nil])
        order.noteTurn()
        for index in 0..<4 { order.add(index) }
        _ = order.schedule()
        order.begin(.soon)
        #expect((0..<4).map { _ in order.next() } == [0, 1, 2, nil])
        #expect(order.schedule() == .afterEvents)
    }
}
