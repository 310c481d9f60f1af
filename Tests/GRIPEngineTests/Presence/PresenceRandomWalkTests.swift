import GRIP
import GRIPEngine
import Testing

@Suite("Presence on a bus that loses, delays and swaps", .serialized) struct PresenceRandomWalkTests {
    @Test(
        "Once it is quiet all know who is there, whatever happened before, and nobody is told what is not news",
        arguments: 0..<4 as Range<UInt64>
    )
    func walk(seed: UInt64) async throws {
        var walk = PresenceWalk(seed: seed)
        for _ in 0..<3 { walk.start() }
        var checks = 0
        for step in 0..<750 {
            walk.position.step = step
            // Others need the thread too: a step may take a millisecond.
            await Task.yield()
            guard !walk.position.hasFailed else { return }
            let running = walk.instances.filter { $0.value.endsAt == nil }.keys.sorted()
            if running.count < 3, walk.chance(20) { walk.start() }
            guard let owner = walk.pick(running) else {
                walk.advance(.milliseconds(100))
                continue
            }
            switch Int.random(in: 0..<100, using: &walk.random) {
            case 0..<35: try walk.join(owner)
            case 35..<65:
                let reason = walk.pick([GRIPDepartureReason.closed, .timedOut, .overflow]) ?? .closed
                if let client = walk.pick(walk.instances[owner]?.clients.keys.sorted() ?? []) {
                    walk.leave(owner, client, reason)
                }
            case 65..<75: if let channel = walk.pick(PresenceWalk.channels) { try walk.watch(owner, channel) }
            case 75..<81: if let channel = walk.pick(PresenceWalk.channels) { walk.unwatch(owner, channel) }
            case 81..<84: walk.kick(owner)
            case 84..<87: walk.setConnected(owner, false)
            case 87..<92: walk.setConnected(owner, true)
            case 92: walk.kill(owner)
            case 93: walk.shutDown(owner)
            case 94: walk.advance(.seconds(Int.random(in: 1...12, using: &walk.random)))
            default: break
            }
            walk.advance(.milliseconds(Int.random(in: 0...200, using: &walk.random)))
            guard step % 250 == 249 else { continue }
            walk.isQuiet = true
            while walk.instances.count(where: { $0.value.endsAt == nil }) < 2 { walk.start() }
            for owner in walk.instances.keys.sorted() {
                walk.setConnected(owner, true)
                for channel in PresenceWalk.channels where walk.instances[owner]?.watchers[channel]?.isEmpty ?? true {
                    try walk.watch(owner, channel)
                }
            }
            walk.advance(.seconds(45))
            walk.checkAgreement()
            checks += 1
            walk.isQuiet = false
        }
        #expect(checks == 3)
        #expect(walk.told > 200)
        #expect(walk.departed > 20)
    }
}
