import GRIP
import GRIPEngine
import Testing

/// Requests that come and go at random, with what must hold at all times.
@Suite("Connections to origins: random walk")
struct ConnectionPoolRandomWalkTests {
    private struct Walk {
        static let limit = 8
        static let queue = 12
        static let fresh: Int64 = 100
        static let servers = (0..<3).map {
            OriginServer(host: "s\($0 / 2)", port: 1, tls: $0 == 1 ? .init(serverName: "t") : nil)
        }

        struct Open {
            var wish: ConnectionPool.Wish
            var idleSince: Int64?
            var isLeaving = false
        }

        let position: WalkPosition
        var random: SplitMix64
        var pool = ConnectionPool(
            ConnectionPool.Limits(
                connections: Self.limit,
                waiting: Self.queue,
                waitTime: .seconds(2),
                idleTime: .seconds(1),
                freshTime: .milliseconds(Int(Self.fresh))
            )
        )
        var now: Int64 = 0
        var open: [Int: Open] = [:]
        var waiting: [(ticket: UInt64, wish: ConnectionPool.Wish, since: Int64)] = []

        init(seed: UInt64) {
            self.position = WalkPosition(seed: seed)
            self.random = SplitMix64(seed: seed)
        }

        var time: EngineTime { EngineTime(milliseconds: self.now) }

        func number(_ range: Range<Int>, using random: inout SplitMix64) -> Int {
            Int.random(in: range, using: &random)
        }

        mutating func step() {
            switch Int.random(in: 0..<10, using: &self.random) {
            case 0...3: self.ask()
            case 4...6: self.release()
            case 7: self.remove()
            case 8: self.withdraw()
            default: self.pass()
            }
            self.check()
        }

        private mutating func ask() {
            let wish = ConnectionPool.Wish(
                server: Self.servers.randomElement(using: &self.random) ?? Self.servers[0],
                isRepeatable: Bool.random(using: &self.random),
                isAwaited: Int.random(in: 0..<3, using: &self.random) > 0,
                isFresh: Int.random(in: 0..<10, using: &self.random) == 0
            )
            self.take(self.pool.ask(wish, now: self.time), for: wish)
        }

        private mutating func take(_ answer: ConnectionPool.Answer, for wish: ConnectionPool.Wish) {
            switch answer {
            case .use(let id):
                let found = self.open[id]
                self.position.check(found?.idleSince != nil, "\(id) is not idle")
                self.position.check(found?.wish.server == wish.server, "another server")
                self.position.check(!wish.isFresh, "one that was used")
                let age = self.now - (found?.idleSince ?? 0)
                self.position.check(age < 1000, "too old")
                self.position.check(wish.isRepeatable || age <= Self.fresh, "too old for what must not be sent twice")
                self.open[id] = Open(wish: wish)
            case .connect(let id, let closing):
                self.position.check(self.open[id] == nil, "\(id) is there already")
                if let closing {
                    self.position.check(self.open[closing]?.idleSince != nil, "one that is closed is not idle")
                    self.open[closing]?.isLeaving = true
                    self.open[closing]?.idleSince = nil
                }
                self.open[id] = Open(wish: wish)
            case .wait(let ticket): self.waiting.append((ticket, wish, self.now))
            case .refuse:
                let count = self.waiting.count { $0.wish.server.host == wish.server.host }
                self.position.check(count >= Self.queue, "refused with \(count) that wait")
            }
        }

        private mutating func release() {
            let busy = self.open.filter { $0.value.idleSince == nil && !$0.value.isLeaving }.keys.sorted()
            guard let id = busy.randomElement(using: &self.random), let server = self.open[id]?.wish.server else {
                return
            }
            switch self.pool.release(id, OriginKeepAlive(), now: self.time) {
            case .kept: self.open[id]?.idleSince = self.now
            case .next(let ticket):
                guard let index = self.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    return self.position.check(false, "nobody waits with \(ticket)")
                }
                self.position.check(self.waiting[index].wish.server == server, "another server")
                self.open[id] = Open(wish: self.waiting.remove(at: index).wish)
            case .close:
                self.open[id]?.isLeaving = true
                self.remove(id)
            }
        }

        private mutating func remove() {
            guard let id = self.open.keys.sorted().randomElement(using: &self.random) else { return }
            self.remove(id)
        }

        private mutating func remove(_ id: Int) {
            self.open[id] = nil
            guard let turn = self.pool.remove(id, now: self.time) else { return }
            guard let index = self.waiting.firstIndex(where: { $0.ticket == turn.ticket }) else {
                return self.position.check(false, "nobody waits with \(turn.ticket)")
            }
            self.take(turn.answer, for: self.waiting.remove(at: index).wish)
        }

        private mutating func withdraw() {
            guard let index = self.waiting.indices.randomElement(using: &self.random) else { return }
            self.pool.withdraw(self.waiting.remove(at: index).ticket)
        }

        private mutating func pass() {
            self.now += Int64.random(in: 0..<400, using: &self.random)
            var isOver = false
            while !isOver {
                let expired = self.pool.expire(at: self.time)
                isOver = !expired.hasMore
                for id in expired.connections {
                    self.position.check(self.now - (self.open[id]?.idleSince ?? 0) >= 1000, "expired too early")
                    self.open[id]?.isLeaving = true
                    self.open[id]?.idleSince = nil
                }
                for ticket in expired.tickets {
                    guard let index = self.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                        self.position.check(false, "\(ticket) does not wait")
                        continue
                    }
                    self.position.check(self.now - self.waiting.remove(at: index).since >= 2000, "refused too early")
                }
            }
            let late = self.waiting.filter { self.now - $0.since >= 2000 }
            self.position.check(late.isEmpty, "\(late.count) wait for too long")
        }

        private func check() {
            self.position.check(
                self.pool.connectionCount == self.open.count,
                "\(self.pool.connectionCount) connections"
            )
            self.position.check(self.pool.waitingCount == self.waiting.count, "\(self.pool.waitingCount) wait")
            for host in Set(Self.servers.map(\.host)) {
                let connections = self.open.values.filter { $0.wish.server.host == host && !$0.isLeaving }
                self.position.check(connections.count <= Self.limit, "\(connections.count) connections to \(host)")
                let unawaited = connections.count { !$0.wish.isAwaited && $0.idleSince == nil }
                self.position.check(unawaited <= max(1, Self.limit / 8), "\(unawaited) that nobody waits for")
                let waits = self.waiting.contains { $0.wish.server.host == host && $0.wish.isAwaited }
                self.position.check(!waits || connections.count == Self.limit, "one waits although there is room")
            }
        }
    }

    @Test("Limits hold, the right connections are used, and nobody is forgotten", arguments: 0..<200 as Range<UInt64>)
    func walk(seed: UInt64) {
        var walk = Walk(seed: seed)
        for step in 0..<400 where !walk.position.hasFailed {
            walk.position.step = step
            walk.step()
        }
    }
}
