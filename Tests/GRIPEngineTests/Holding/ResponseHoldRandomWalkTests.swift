import Testing

@Suite("Whatever happens to a held response")
struct ResponseHoldRandomWalkTests {
    @Test(
        "Each request has one answer, and clients get each item once and in order",
        arguments: 0..<8 as Range<UInt64>
    )
    func randomWalk(seed: UInt64) {
        var walk = ResponseWalk(seed: seed)
        while walk.position.step < 10_000, !walk.position.hasFailed { walk.step() }
        guard !walk.position.hasFailed else { return }
        for seen in ["answer", "recover", "retry", "skip", "failed", "patchFailed", "timeout", "left", "news", "hold"] {
            #expect(walk.tally[seen, default: 0] > 9, "\(seen)")
        }
    }
}
