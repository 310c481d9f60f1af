import GRIP
import GRIPEngine
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

/// What one event makes for many connections is done in turns.
@Suite("Turns") struct TurnsTests {
    private let loop = EmbeddedEventLoop()

    private func streams(_ count: Int, _ core: ProxyCore) throws -> [EmbeddedClient] {
        let clients = try (0..<count).map { _ in try EmbeddedClient(core, loop: self.loop) }
        for client in clients {
            try client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.received().hasSuffix("[stream opened]\n\r\n"))
        }
        return clients
    }

    private static func item(_ text: String) -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream(text)), to: GRIPChannel("a"))
    }

    @Test("A publish to many is handed out and written a part at a time, and in order to each")
    func publish() throws {
        let core = try ProxyCore(routes: "* test", loop: self.loop)
        let count = 3 * DeliveryRound.budget
        let clients = try self.streams(count, core)
        var tally: [CountByKind]?
        core.ingress.publishCounting((0..<3).map { Self.item("<\($0)>") }, on: self.loop).assumeIsolated()
            .whenSuccess { tally = $0.deliveries }
        // All tasks that an event loop would do before it looks at its sockets again.
        self.loop.run()
        #expect(tally == nil)
        let delivered = core.loops.map { $0.value.counters.delivered.total }.reduce(0, +)
        #expect(0 < delivered && delivered <= 4 * DeliveryRound.budget)
        core.publish([Self.item("<3>")])
        self.loop.advanceTime(by: .seconds(1))
        #expect(tally?.map(\.total) == [count, count, count])
        for client in clients {
            let text = try client.received()
            #expect(text == "3\r\n<0>\r\n3\r\n<1>\r\n3\r\n<2>\r\n3\r\n<3>\r\n")
        }
        #expect(core.hub.backlog.byteCount == 0)
    }

    @Test("Who leaves while an item is handed out does not get it, and who comes gets the next one")
    func changes() throws {
        let core = try ProxyCore(routes: "* test", loop: self.loop)
        let clients = try self.streams(6 * DeliveryRound.budget, core)
        core.publish([Self.item("<0>")])
        self.loop.run()
        let late = try EmbeddedClient(core, loop: self.loop)
        try late.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
        core.publish([Self.item("<1>")])
        clients.last?.channel.close(promise: nil)
        self.loop.advanceTime(by: .seconds(1))
        #expect(try late.received().hasSuffix("\n\r\n3\r\n<1>\r\n"))
        for client in clients.dropLast() { #expect(try client.received() == "3\r\n<0>\r\n3\r\n<1>\r\n") }
    }

    @Test(
        "Of many requests at once some are answered, and then others have their turn",
        arguments: ["", "X_Y: z\r\n"]
    )
    func requests(field: String) throws {
        // Each is answered in the same turn of the loop.
        let core = try ProxyCore(routes: "* test", loop: self.loop)
        let client = try EmbeddedClient(core, loop: self.loop)
        let count = 3000
        try client.send((0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\(field)\r\n" }.joined())
        func answered() -> Int { core.loops.map(\.value.counters.requestsReceived).reduce(0, +) }
        self.loop.run()
        #expect(answered() == HTTP1ClientHandler.requestsPerTurn)
        self.loop.advanceTime(by: .microseconds(10))
        #expect(answered() == 2 * HTTP1ClientHandler.requestsPerTurn)
        self.loop.advanceTime(by: .seconds(1))
        #expect(answered() == count)
        #expect(try client.received().split(separator: "HTTP/1.1 ").count == count)
    }

    @Test("Many that are due at once are woken a part at a time")
    func deadlines() throws {
        let core = try ProxyCore(routes: "* test", loop: self.loop) { $0.timeouts.requestHead = .milliseconds(1) }
        let count = 3 * ProxyLoop.wakesPerTurn
        let clients = try (0..<count).map { _ in try EmbeddedClient(core, loop: self.loop) }
        let proxyLoop = try #require(core.loops.first?.value)
        let start = ProxyClock.now
        while ProxyClock.now < start + .milliseconds(2) {}
        #expect(clients.count == proxyLoop.clients.count)
        for rest in [2, 1, 0] {
            _ = proxyLoop.takeTurn()
            #expect(proxyLoop.clients.count == rest * ProxyLoop.wakesPerTurn)
        }
        self.loop.run()
        #expect(proxyLoop.counters.clientsTimedOut[.head] == count)
    }

    @Test("All who hold are told to look for what they missed, some at a time")
    func recover() throws {
        let core = try ProxyCore(routes: "* test", loop: self.loop)
        let count = 10 * ClientWalk.clientsPerTurn
        _ = try self.streams(count, core)
        let proxyLoop = try #require(core.loops.first?.value)
        var met = 0
        let walk = ClientWalk(proxyLoop) { _ in met += 1 }
        walk.begin(Array(proxyLoop.clients.keys))
        #expect(met == ClientWalk.clientsPerTurn)
        self.loop.run()
        #expect(met <= 5 * ClientWalk.clientsPerTurn)
        // Whoever asks again meanwhile lets it begin anew, and not twice at the same time.
        let before = met
        walk.begin(Array(proxyLoop.clients.keys))
        #expect(met == before)
        self.loop.advanceTime(by: .milliseconds(10))
        #expect(met == before + count)
    }
}
