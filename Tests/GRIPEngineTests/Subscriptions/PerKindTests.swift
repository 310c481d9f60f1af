import GRIPEngine
import Testing

@Suite("A value for each kind") struct PerKindTests {
    @Test("Each kind has a value of its own", arguments: HoldKind.allCases)
    func own(kind: HoldKind) {
        var lists = PerKind<[Int]>(repeating: [])
        lists[kind].append(1)
        #expect(lists[kind] == [1])
        for other in HoldKind.allCases where other != kind { #expect(lists[other] == []) }
        #expect(lists.all.count { !$0.isEmpty } == 1)
        var counts = lists.map(\.count)
        #expect(counts.total == 1)
        counts += counts
        #expect(counts[kind] == 2)
        #expect((counts - counts) == CountByKind())
    }

    @Test("The values stand in the order of the kinds")
    func order() {
        let values = PerKind(responses: "a", streams: "b", webSockets: "c")
        #expect(values.all == ["a", "b", "c"])
        #expect(HoldKind.allCases.map { values[$0] } == values.all)
    }
}
