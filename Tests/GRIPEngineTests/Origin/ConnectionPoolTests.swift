import GRIPEngine
import Testing

@Suite("Connections to origins: which one a request gets")
struct ConnectionPoolTests {
    private static let server = OriginServer(host: "a", port: 1)

    private static func pool(
        connections: Int = 2,
        waiting: Int = 2,
        poolCount: Int = 1,
        idle: Duration = .milliseconds(1500),
        fresh: Duration = .milliseconds(100)
    ) -> ConnectionPool {
        ConnectionPool(
            ConnectionPool.Limits(
                connections: connections,
                waiting: waiting,
                poolCount: poolCount,
                waitTime: .seconds(10),
                idleTime: idle,
                freshTime: fresh
            )
        )
    }

    private static func wish(
        _ server: OriginServer = Self.server,
        repeatable: Bool = true,
        awaited: Bool = true,
        fresh: Bool = false
    ) -> ConnectionPool.Wish {
        ConnectionPool.Wish(server: server, isRepeatable: repeatable, isAwaited: awaited, isFresh: fresh)
    }

    private func at(_ milliseconds: Int64) -> EngineTime { EngineTime(milliseconds: milliseconds) }

    @Test("A request gets the connection that was used last, or a new one")
    func reuse() {
        var pool = Self.pool()
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(1, closing: nil))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(1)), .kept)
        expect(pool.release(1, OriginKeepAlive(), now: self.at(2)), .kept)
        expect(pool.ask(Self.wish(), now: self.at(3)), .use(1))
        expect(pool.ask(Self.wish(), now: self.at(3)), .use(0))
        #expect(pool.openedCount == 2)
    }

    @Test("Beyond the limit requests wait, and the oldest gets what becomes free")
    func waiting() {
        var pool = Self.pool(connections: 1)
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.ask(Self.wish(), now: self.at(0)), .wait(1))
        expect(pool.ask(Self.wish(), now: self.at(0)), .wait(2))
        expect(pool.ask(Self.wish(), now: self.at(0)), .refuse)
        #expect(pool.waitingCount == 2)
        expect(pool.release(0, OriginKeepAlive(), now: self.at(1)), .next(1))
        // The connection is lost, and the one that waits gets another.
        expect(pool.remove(0, now: self.at(2)), ConnectionPool.Turn(ticket: 2, answer: .connect(0, closing: nil)))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(3)), .kept)
        #expect(pool.waitedCount == 2)
    }

    @Test("A request that is of no use any more is passed over and makes room")
    func withdrawn() {
        var pool = Self.pool(connections: 1)
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.ask(Self.wish(), now: self.at(0)), .wait(1))
        expect(pool.ask(Self.wish(), now: self.at(0)), .wait(2))
        pool.withdraw(1)
        expect(pool.ask(Self.wish(), now: self.at(0)), .wait(3))
        pool.withdraw(3)
        #expect(pool.waitingCount == 1)
        expect(pool.release(0, OriginKeepAlive(), now: self.at(1)), .next(2))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(1)), .kept)
        #expect(pool.waitingCount == 0)
    }

    @Test("Who waits too long is refused")
    func waitedTooLong() {
        var pool = Self.pool(connections: 1)
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.ask(Self.wish(), now: self.at(5)), .wait(1))
        expect(pool.expire(at: self.at(10_004)), ConnectionPool.Expired())
        expect(pool.expire(at: self.at(10_005)).tickets, [1])
        expect(pool.release(0, OriginKeepAlive(), now: self.at(10_006)), .kept)
    }

    @Test("Requests nobody waits for have an eighth of the connections, and do not hold up the others")
    func unawaited() {
        var pool = Self.pool(connections: 16, waiting: 100)
        for id in 0..<2 { expect(pool.ask(Self.wish(awaited: false), now: self.at(0)), .connect(id, closing: nil)) }
        expect(pool.ask(Self.wish(awaited: false), now: self.at(0)), .wait(1))
        for id in 2..<16 { expect(pool.ask(Self.wish(), now: self.at(0)), .connect(id, closing: nil)) }
        expect(pool.ask(Self.wish(), now: self.at(0)), .wait(2))
        expect(pool.release(2, OriginKeepAlive(), now: self.at(1)), .next(2))
        expect(pool.release(3, OriginKeepAlive(), now: self.at(1)), .kept)
        expect(pool.release(0, OriginKeepAlive(), now: self.at(1)), .next(1))
    }

    @Test("What must not be sent twice gets a connection only right after its last response", arguments: [100, 101])
    func unrepeatable(age: Int64) {
        var pool = Self.pool()
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(0)), .kept)
        let isFresh = age <= 100
        expect(
            pool.ask(Self.wish(repeatable: false), now: self.at(age)),
            isFresh ? .use(0) : .connect(1, closing: nil)
        )
        if !isFresh { expect(pool.ask(Self.wish(), now: self.at(age)), .use(0)) }
    }

    @Test("What the origin says about its time counts, less a margin", arguments: [3999, 4000, 4001])
    func promised(age: Int64) {
        var pool = Self.pool()
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.release(0, OriginKeepAlive(timeout: .seconds(5)), now: self.at(0)), .kept)
        expect(
            pool.ask(Self.wish(repeatable: false), now: self.at(age)),
            age < 4000 ? .use(0) : .connect(1, closing: nil)
        )
    }

    @Test("A connection is not used beyond its time, and not kept when the origin says so")
    func expiry() {
        var pool = Self.pool()
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(0)), .kept)
        expect(pool.ask(Self.wish(), now: self.at(1500)), .connect(1, closing: nil))
        expect(pool.expire(at: self.at(1500)).connections, [0])
        expect(pool.remove(0, now: self.at(1501)), nil)
        #expect(pool.expiredCount == 1)
        expect(pool.release(1, OriginKeepAlive(timeout: .zero), now: self.at(1502)), .close)
        expect(pool.remove(1, now: self.at(1502)), nil)
        #expect(pool.connectionCount == 0)
    }

    @Test("Origins that count down and origins that name how many they take are both believed")
    func maximum() {
        var pool = Self.pool()
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.release(0, OriginKeepAlive(maximum: 2), now: self.at(0)), .kept)
        expect(pool.ask(Self.wish(), now: self.at(0)), .use(0))
        expect(pool.release(0, OriginKeepAlive(maximum: 1), now: self.at(0)), .close)
        expect(pool.remove(0, now: self.at(0)), nil)
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.release(0, OriginKeepAlive(maximum: 2), now: self.at(0)), .kept)
        expect(pool.ask(Self.wish(), now: self.at(0)), .use(0))
        expect(pool.release(0, OriginKeepAlive(maximum: 2), now: self.at(0)), .close)
    }

    @Test("Servers of one address share its limit under all their names")
    func names() {
        var one = Self.server
        one.tls = OriginServer.TLS(serverName: "one")
        var two = Self.server
        two.tls = OriginServer.TLS(serverName: "two")
        var pool = Self.pool(connections: 1)
        expect(pool.ask(Self.wish(one), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.ask(Self.wish(two), now: self.at(0)), .wait(1))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(1)), .close)
        expect(pool.remove(0, now: self.at(2)), ConnectionPool.Turn(ticket: 1, answer: .connect(0, closing: nil)))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(3)), .kept)
        // An idle one under another name makes room.
        expect(pool.ask(Self.wish(one), now: self.at(4)), .connect(1, closing: 0))
        expect(pool.remove(0, now: self.at(5)), nil)
        #expect(pool.connectionCount == 1)
    }

    @Test("A request that is sent again gets a connection that nobody has used")
    func fresh() {
        var pool = Self.pool()
        expect(pool.ask(Self.wish(), now: self.at(0)), .connect(0, closing: nil))
        expect(pool.release(0, OriginKeepAlive(), now: self.at(0)), .kept)
        expect(pool.ask(Self.wish(fresh: true), now: self.at(0)), .connect(1, closing: nil))
    }

    @Test("Each of several pools has its part of the limits, and at least one connection")
    func parts() {
        #expect(Self.pool(connections: 9, waiting: 9, poolCount: 4).limits.connections == 2)
        #expect(Self.pool(connections: 9, waiting: 9, poolCount: 4).limits.waiting == 2)
        #expect(Self.pool(connections: 1, poolCount: 4).limits.connections == 1)
    }

    @Test("Much that is due comes in slices")
    func slices() {
        let count = ConnectionPool.sliceSize + 1
        var pool = Self.pool(connections: count)
        for _ in 0..<count { _ = pool.ask(Self.wish(), now: self.at(0)) }
        for id in 0..<count { _ = pool.release(id, OriginKeepAlive(), now: self.at(0)) }
        let first = pool.expire(at: self.at(5000))
        #expect(first.connections.count == ConnectionPool.sliceSize)
        #expect(first.hasMore)
        let second = pool.expire(at: self.at(5000))
        #expect(second.connections.count == 1)
        #expect(!second.hasMore)
    }
}
