import GRIP
import GRIPNATS
import NIOCore
import Testing

@Suite("Which server is next")
struct NATSReconnectionTests {
    private static let refused = GRIPNATSError(.authorization, "no")
    private static let unreachable = GRIPNATSError(.connection, "no")

    private func time(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(milliseconds) * 1_000_000) }

    private func plan(_ url: String = "a,b,c", isRandom: Bool = false, seed: UInt64 = 1) throws -> NATSReconnection {
        NATSReconnection(
            servers: try GRIPNATSServer.list(url),
            settings: .init(firstDelay: .milliseconds(100), longestDelay: .seconds(1), isRandom: isRandom),
            seed: seed
        )
    }

    private func name(_ step: NATSReconnection.Step?) -> String {
        switch step {
        case .connect(let server): server.host
        case .wait(let deadline): "wait \(deadline.uptimeNanoseconds / 1_000_000)"
        case .fail(let error): "fail \(error.code)"
        case nil: "none"
        }
    }

    @Test func eachServerHasItsTurnBeforeThePause() throws {
        var plan = try self.plan()
        for host in ["a", "b", "c"] {
            #expect(self.name(plan.next(now: self.time(0))) == host)
            #expect(self.name(plan.next(now: self.time(0))) == "none")
            plan.failed(Self.unreachable, now: self.time(0))
        }
        var now: Int64 = 0
        for longest in [100, 200, 400, 800, 1000, 1000] as [Int64] {
            guard case .wait(let deadline) = plan.next(now: self.time(now)) else {
                Issue.record("no pause")
                return
            }
            let pause = (deadline - self.time(now)).nanoseconds / 1_000_000
            #expect(pause >= longest / 2 - 1 && pause <= longest, "\(pause) of \(longest)")
            #expect(self.name(plan.next(now: deadline - .nanoseconds(1))).hasPrefix("wait"))
            now = Int64(deadline.uptimeNanoseconds / 1_000_000) + 1
            for _ in 0..<3 {
                #expect(self.name(plan.next(now: self.time(now))).count == 1)
                plan.failed(Self.unreachable, now: self.time(now))
            }
        }
    }

    @Test func theOneThatWasLostIsLast() throws {
        var plan = try self.plan()
        #expect(self.name(plan.next(now: self.time(0))) == "a")
        plan.connected(discovered: [], now: self.time(0))
        #expect(self.name(plan.next(now: self.time(5000))) == "none")
        plan.failed(Self.unreachable, now: self.time(5000))
        guard case .wait(let deadline) = plan.next(now: self.time(5000)) else {
            Issue.record("no pause")
            return
        }
        #expect(deadline <= self.time(5100))
        var hosts: [String] = []
        for _ in 0..<3 {
            hosts.append(self.name(plan.next(now: deadline)))
            plan.failed(Self.unreachable, now: deadline)
        }
        #expect(hosts == ["b", "c", "a"])
    }

    /// A server that takes every connection and ends it at once.
    @Test func flappingIsSlowedDown() throws {
        var plan = try self.plan("a")
        var now = self.time(0)
        var attempts = 0
        while now < self.time(20_000) {
            switch plan.next(now: now) {
            case .connect:
                attempts += 1
                plan.connected(discovered: [], now: now)
                plan.failed(Self.unreachable, now: now)
            case .wait(let deadline): now = deadline
            case .fail, nil: Issue.record("an end")
            }
        }
        #expect((20...45).contains(attempts), "\(attempts)")
    }

    @Test func wrongCredentialsEndIt() throws {
        var plan = try self.plan("a,b")
        for _ in 0..<2 {
            _ = plan.next(now: self.time(0))
            plan.failed(Self.refused, now: self.time(0))
        }
        #expect(self.name(plan.next(now: self.time(0))) == "fail authorization")
    }

    @Test func wrongCredentialsForOneServerOrLaterDoNot() throws {
        var plan = try self.plan("a,b")
        _ = plan.next(now: self.time(0))
        plan.failed(Self.refused, now: self.time(0))
        _ = plan.next(now: self.time(0))
        plan.failed(Self.unreachable, now: self.time(0))
        #expect(self.name(plan.next(now: self.time(0))).hasPrefix("wait"))
        #expect(self.name(plan.next(now: self.time(200))).count == 1)
        plan.connected(discovered: [], now: self.time(200))
        plan.failed(Self.refused, now: self.time(300))
        for now in stride(from: 500, to: 20_000, by: 100) as StrideTo<Int64> {
            guard case .connect = plan.next(now: self.time(now)) else { continue }
            plan.failed(Self.refused, now: self.time(now))
        }
        #expect(!self.name(plan.next(now: self.time(30_000))).hasPrefix("fail"))
    }

    @Test func discoveredServers() throws {
        var plan = try self.plan("tls://user:p@a.example")
        _ = plan.next(now: self.time(0))
        plan.connected(
            discovered: ["10.0.0.2:4222", "a.example:4222", "nonsense:x", "", "10.0.0.2:4222", "[::1]:5"],
            now: self.time(0)
        )
        #expect(plan.servers.map(\.description) == ["a.example:4222", "10.0.0.2:4222", "[::1]:5"])
        plan.discover(["10.0.0.3:1"])
        #expect(plan.servers.map(\.description) == ["a.example:4222", "10.0.0.3:1"])
        plan.discover([])
        #expect(plan.servers.count == 2)
        plan.failed(Self.unreachable, now: self.time(9000))
        guard case .connect(let server) = plan.next(now: self.time(9100)) else {
            Issue.record("no server")
            return
        }
        // It is no less protected than the one that named it.
        #expect(server.host == "10.0.0.3" && server.requiresTLS && server.nameForCertificate == "a.example")
        #expect(try server.credentials?.authorization(nonce: nil) == .user("user", password: "p"))
    }

    @Test func discoveredServersAreBoundedAndCanBeLeftOut() throws {
        var plan = try self.plan("a")
        _ = plan.next(now: self.time(0))
        plan.connected(discovered: (0..<3000).map { "10.0.0.1:\($0 + 1)" }, now: self.time(0))
        #expect(plan.servers.count == 1000)
        var other = NATSReconnection(
            servers: try GRIPNATSServer.list("a"),
            settings: .init(usesDiscovered: false),
            seed: 1
        )
        _ = other.next(now: self.time(0))
        other.connected(discovered: ["b"], now: self.time(0))
        #expect(other.servers.map(\.host) == ["a"])
    }

    @Test func theOrderDependsOnTheSeed() throws {
        func order(_ seed: UInt64) throws -> String {
            var plan = try self.plan("a,b,c,d,e,f", isRandom: true, seed: seed)
            return (0..<6).map { _ in
                defer { plan.failed(Self.unreachable, now: self.time(0)) }
                return self.name(plan.next(now: self.time(0)))
            }.joined()
        }
        #expect(try order(1) == order(1))
        let orders = Set(try (0..<50).map { try order($0) })
        #expect(orders.count > 40)
        #expect(orders.allSatisfy { $0.sorted() == ["a", "b", "c", "d", "e", "f"] })
    }

    /// Whatever happens, an attempt comes within the longest pause and no more often than rounds allow.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func randomWalk(seed: UInt64) throws {
        let position = WalkPosition(seed: seed)
        var random = SplitMix64(seed: seed)
        var plan = try self.plan("a,b,c", isRandom: true, seed: seed)
        var now = self.time(0)
        var lastAttempt = now
        var isBusy = false
        var attempts = 0
        for step in 0..<500 {
            position.step = step
            if isBusy {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    plan.connected(discovered: ["d:\(Int.random(in: 1...3, using: &random))"], now: now)
                    now = now + .milliseconds(Int64.random(in: 0...3000, using: &random))
                    plan.failed(Bool.random(using: &random) ? Self.refused : Self.unreachable, now: now)
                    lastAttempt = now
                default: plan.failed(Self.unreachable, now: now)
                }
                isBusy = false
                continue
            }
            switch plan.next(now: now) {
            case .connect:
                position.check(now - lastAttempt <= .seconds(1), "a pause that is too long")
                lastAttempt = now
                attempts += 1
                isBusy = true
            case .wait(let deadline):
                position.check(deadline > now || deadline == now, "a deadline that is over")
                now = max(now, deadline)
            case .fail: position.check(false, "an end")
            case nil: position.check(false, "nothing to do")
            }
        }
        let rounds = Double((now - self.time(0)).nanoseconds) / 50_000_000
        position.check(Double(attempts) <= (rounds + 2) * 8, "\(attempts) attempts in \(rounds) pauses")
    }
}
