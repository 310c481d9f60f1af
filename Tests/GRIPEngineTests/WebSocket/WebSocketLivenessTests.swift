import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Whether a WebSocket's client is there") struct WebSocketLivenessTests {
    private static let times = WebSocketLiveness.Times(silence: .seconds(30), answer: .seconds(10))

    private func at(_ seconds: Int64) -> EngineTime { EngineTime(milliseconds: seconds * 1000) }

    @Test("One that is silent is asked, and is lost when it does not answer")
    func lost() {
        var liveness = WebSocketLiveness(Self.times, now: self.at(0))
        #expect(liveness.wake(at: self.at(29), Self.times, canHear: true) == nil)
        #expect(liveness.wake(at: self.at(30), Self.times, canHear: true) == .ping)
        #expect(liveness.nextDeadline == self.at(40))
        #expect(liveness.wake(at: self.at(39), Self.times, canHear: true) == nil)
        #expect(liveness.wake(at: self.at(40), Self.times, canHear: true) == .lost)
        #expect(liveness.nextDeadline == nil)
    }

    @Test("Anything that comes shows that it is there, before the ping and after it", arguments: [5, 35] as [Int64])
    func heard(time: Int64) {
        var liveness = WebSocketLiveness(Self.times, now: self.at(0))
        var actions: [WebSocketLiveness.Action?] = []
        for second in 1...69 {
            if Int64(second) == time { liveness.noteHeard() }
            let action = liveness.wake(at: self.at(Int64(second)), Self.times, canHear: true)
            if action != nil { actions.append(action) }
        }
        #expect(actions == [.ping])
        #expect(liveness.nextDeadline != nil)
    }

    @Test("As long as its frames are not read, it is not to blame")
    func unheard() {
        var liveness = WebSocketLiveness(Self.times, now: self.at(0))
        #expect(liveness.wake(at: self.at(30), Self.times, canHear: true) == .ping)
        #expect(liveness.wake(at: self.at(40), Self.times, canHear: false) == nil)
        #expect(liveness.nextDeadline == self.at(70))
    }

    @Test("Its own pongs are told from others, and each counts once")
    func pongs() {
        var liveness = WebSocketLiveness(Self.times, now: self.at(0))
        let answer = WebSocketLiveness.payload
        let early = liveness.isAnswered(by: answer)
        _ = liveness.wake(at: self.at(30), Self.times, canHear: true)
        let other = liveness.isAnswered(by: ByteBuffer(string: "other"))
        let own = liveness.isAnswered(by: answer)
        let again = liveness.isAnswered(by: answer)
        #expect([early, other, own, again] == [false, false, true, false])
    }

    @Test("Without a time, and after the end, nobody is asked")
    func never() {
        let never = WebSocketLiveness.Times(silence: .zero, answer: .seconds(10))
        var liveness = WebSocketLiveness(never, now: self.at(0))
        #expect(liveness.nextDeadline == nil)
        #expect(liveness.wake(at: self.at(1000), never, canHear: true) == nil)
        var ended = WebSocketLiveness(Self.times, now: self.at(0))
        ended.end()
        #expect(ended.nextDeadline == nil)
        #expect(ended.wake(at: self.at(1000), Self.times, canHear: true) == nil)
    }

    @Test("A client that answers every ping is never lost, one that stops is soon", arguments: 0..<4 as Range<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        var liveness = WebSocketLiveness(Self.times, now: self.at(0))
        var now = self.at(0)
        var last = now
        var stops: EngineTime?
        for step in 0..<20_000 {
            position.step = step
            now = now + .milliseconds(.random(in: 0...2000, using: &random))
            if step == 15_000 { stops = now }
            if stops == nil, Int.random(in: 0..<12, using: &random) == 0 {
                liveness.noteHeard()
                last = now
            }
            switch liveness.wake(at: now, Self.times, canHear: true) {
            case .ping:
                position.check(now.milliseconds - last.milliseconds >= 30_000, "it is asked too early")
                guard stops == nil else { continue }
                liveness.noteHeard()
                last = now
            case .lost:
                position.check(stops != nil, "it is lost although it has answered")
                position.check(now.milliseconds - last.milliseconds <= 30_000 * 2 + 10_000 + 6000, "it is found late")
                return
            case nil: break
            }
        }
        Issue.record("seed \(seed): it is never found out")
    }
}
