import GRIP
import Testing

@Suite("Whatever happens in an exchange")
struct ClientExchangeRandomWalkTests {
    @Test(
        "A request has one answer with one head, bodies end once, and no request to an origin is left",
        arguments: 0..<8 as Range<UInt64>
    )
    func randomWalk(seed: UInt64) throws {
        let position = WalkPosition(seed: seed)
        var random = SplitMix64(seed: seed)
        var tally: [String: Int] = [:]
        while position.step < 30_000, !position.hasFailed {
            var walk = try #require(ExchangeWalk(random: random, position: position))
            let end = position.step + 200
            // Some go on after the end, where nothing may come of it.
            while position.step < end, !walk.model.isOver, !position.hasFailed { walk.step() }
            for _ in 0..<5 { walk.step() }
            walk.end()
            random = walk.generator
            tally.merge(walk.model.tally) { $0 + $1 }
        }
        guard !position.hasFailed else { return }
        for seen in [
            "open", "sendBody", "endBody", "cancelOrigin", "readClient", "readOrigin", "respond", "begin", "write",
            "end", "abort", "hold", "late hold", "note",
        ] { #expect(tally[seen, default: 0] > 9, "\(seen)") }
    }
}
