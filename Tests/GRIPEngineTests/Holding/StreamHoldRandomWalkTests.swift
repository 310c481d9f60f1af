import GRIP
import Testing

@Suite("Whatever happens to a held stream")
struct StreamHoldRandomWalkTests {
    @Test(
        "Clients get each item once and in order, one page is fetched at a time, and each stream ends once",
        arguments: 0..<8 as Range<UInt64>
    )
    func randomWalk(seed: UInt64) {
        let position = WalkPosition(seed: seed)
        var random = SplitMix64(seed: seed)
        var tally: [String: Int] = [:]
        while position.step < 20_000, !position.hasFailed {
            var walk = StreamWalk(random: random, position: position)
            let end = position.step + 300
            while position.step < end, !walk.isOver, !position.hasFailed { walk.step() }
            walk.drain()
            random = walk.generator
            tally.merge(walk.tally) { $0 + $1 }
        }
        guard !position.hasFailed else { return }
        for seen in [
            "write", "skip", "wait", "recover", "follow", "overflow", "deliver", "update", "fetch", "failure",
            "page hold", "page follow", "drained",
        ] { #expect(tally[seen, default: 0] > 9, "\(seen)") }
        for seen in ["end", "end ended", "end closed", "end lastPage", "end noNextLink", "end linkFailed"] {
            #expect(tally[seen, default: 0] > 0, "\(seen)")
        }
    }
}
