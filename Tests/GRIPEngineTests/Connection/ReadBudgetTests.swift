import GRIPEngine
import Testing

@Suite("How much is read at a time")
struct ReadBudgetTests {
    /// Reads of a connection that sends pieces of so many bytes.
    ///
    /// - Returns: What came of each read.
    private static func reads(_ count: Int, of pieceSize: Int, cost: Int, _ budget: inout ReadBudget) -> [Int] {
        (0..<count).map { _ in
            let pieces = (budget.byteCount ?? ReadBudget.maximumByteCount) / pieceSize
            for _ in 0..<pieces { budget.spend(cost) }
            _ = budget.endRead()
            return pieces * cost
        }
    }

    @Test("Who sends large pieces is read as others are")
    func large() {
        var budget = ReadBudget()
        for _ in 0..<1000 {
            budget.spend(ReadBudget.Cost.message)
            for _ in 0..<16 { budget.spend(ReadBudget.Cost.piece) }
            let hasChanged = budget.endRead()
            #expect(hasChanged == false)
        }
        #expect(budget.byteCount == nil)
    }

    @Test(
        "After one read of very many pieces little comes of the others",
        arguments: [(6, ReadBudget.Cost.piece), (7, ReadBudget.Cost.frame), (27, ReadBudget.Cost.message)]
    )
    func small(size: Int, cost: Int) {
        var budget = ReadBudget()
        let spent = Self.reads(1000, of: size, cost: cost, &budget)
        #expect(spent[0] > 10 * ReadBudget.perRead)
        let most = spent.dropFirst().max() ?? .max
        #expect(most <= 2 * ReadBudget.perRead, "\(most)")
        // That it is read slowly is no reason to read it not at all.
        #expect((budget.byteCount ?? 0) >= 512)
    }

    @Test("Who sends large pieces again is soon read as others are")
    func recovery() {
        var budget = ReadBudget()
        _ = Self.reads(1, of: 6, cost: 1, &budget)
        #expect(budget.byteCount == 1024)
        var changes = 0
        for _ in 0..<(6 * ReadBudget.calmReads) {
            budget.spend(ReadBudget.Cost.message)
            if budget.endRead() { changes += 1 }
        }
        #expect(changes == 6)
        #expect(budget.byteCount == nil)
    }
}
