import GRIP
import Testing

@Suite("Whatever happens to a WebSocket that is joined to another")
struct NativeWebSocketRandomWalkTests {
    @Test(
        "No message is inside another, what is published comes once and in order, and each conversation ends",
        arguments: 0..<8 as Range<UInt64>
    )
    func randomWalk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var tally: [String: Int] = [:]
        var steps = 0
        while steps < 10_000 {
            var walk = NativeWalk(random: random, tally: tally)
            let length = steps + 300
            while !walk.isFinished, steps < length {
                walk.step()
                steps += 1
            }
            walk.end()
            random = walk.generator
            tally = walk.tally
        }
        for seen in [
            "101", "write", "overflow", "client < text k", "client < text d", "client < text… x", "origin < text c:x",
            "subscribe a", "unsubscribe a", "client < close", "origin < close 4000 bye", "drop", "drop origin",
            "finished",
        ] { #expect(tally[seen, default: 0] > 0, "\(seen)") }
    }
}
