import GRIP
import Testing

@Suite("Whatever happens to a WebSocket over HTTP")
struct WebSocketOverHTTPRandomWalkTests {
    @Test(
        "There is one request at a time, what clients say arrives once and in order, and each conversation ends",
        arguments: 0..<8 as Range<UInt64>
    )
    func randomWalk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var tally: [String: Int] = [:]
        var steps = 0
        while steps < 10_000 {
            var walk = OverHTTPWalk(random: random, tally: tally)
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
            "101", "POST", "retry", "partial", "detach", "origin closes", "write", "subscribe", "unsubscribe", "pause",
            "resume", "drop", "drop:", "fail", "finished",
        ] { #expect(tally[seen, default: 0] > 3, "\(seen)") }
    }
}
