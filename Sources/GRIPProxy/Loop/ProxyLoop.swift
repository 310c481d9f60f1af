import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Tracing

/// What the proxy has on one event loop: connections, their subscriptions and timers, and connections to origins.
///
/// Everything here is touched by that loop alone, so that nothing is locked.
final class ProxyLoop {
    /// How many bits of an id stand after the number of the loop.
    static let idBits = UInt64(48)
    /// For how many publishes that come at once the room is kept.
    private static let keptParcels = 64
    /// How many connections are woken at a time.
    static let wakesPerTurn = 128

    let index: Int
    let eventLoop: any EventLoop
    let settings: ProxySettingsSnapshot
    let hub: ProxyHub
    let log: ProxyLog
    /// `nil` without an access log.
    let access: AccessLogger?
    /// Who is a member of what.
    let presence: PresenceNotes
    let allocator = ByteBufferAllocator()
    let fieldNames = FieldNameTable()
    let plainInput = PlainInputHandler()
    var registry = SubscriptionRegistry<HeldMember>()
    var counters = ProxyCounters()
    private(set) var routes: RouteTable
    private(set) var clients: [UInt64: any ProxyClient] = [:]
    private(set) var isShuttingDown = false
    private var lastID: UInt64
    private var deadlines = DeadlineQueue<UInt64>()
    private var updates = UpdateScheduler()
    /// When connections are old enough.
    private var ages = DeadlineQueue<UInt64>()
    private var lastSweep = ProxyClock.now
    private var timer: (time: EngineTime, task: Scheduled<Void>)?
    /// Whether more was due at once than is done at a time.
    private var isWaitingForTurn = false
    private lazy var recovery = ClientWalk(self) { [weak self] client in
        if let member = client.member, member.kind != .webSocket { self?.scheduleUpdate(of: member) }
    }
    let turns: TurnQueue
    let flushes: FlushQueue
    private(set) lazy var deliveries = DeliveryRound(loop: self)
    let inbox = DeliveryInbox()
    /// Room for what comes next.
    private var emptyParcels: [DeliveryInbox.Parcel] = []
    private(set) var kept: [ObjectIdentifier: AnyObject] = [:]
    private var webSocketConfigurations: [WebSocketRelayConfiguration: Shared<WebSocketRelayConfiguration>] = [:]
    let pool: OriginPool
    let inProcess: InProcessOrigin?
    private var sweeping: RepeatedTask?
    private var generator = SystemRandomNumberGenerator()
    private var maskKeys = MaskKeyGenerator()
    private(set) lazy var links = LinkClient(loop: self)

    init(
        index: Int,
        eventLoop: any EventLoop,
        settings: ProxySettingsSnapshot,
        routes: RouteTable,
        hub: ProxyHub,
        presence: PresenceCenter,
        log: ProxyLog,
        access: AccessLogger?
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.turns = TurnQueue(eventLoop: eventLoop)
        self.flushes = FlushQueue(turns: self.turns)
        self.settings = settings
        self.routes = routes
        self.hub = hub
        self.log = log
        self.access = access
        self.presence = PresenceNotes(presence, eventLoop: eventLoop)
        // The ids of all loops are different.
        self.lastID = UInt64(index) << Self.idBits
        self.pool = OriginPool(
            eventLoop: eventLoop,
            settings: settings,
            fieldNames: self.fieldNames,
            log: log
        )
        self.inProcess = settings.inProcess.map { application in
            InProcessOrigin(eventLoop: eventLoop, idleTimeout: settings.timeouts.originIdle) { channel in
                application.take(channel)
            }
        }
    }

    var limits: GRIPProxyServerConfiguration.Limits { self.settings.limits }

    var timeouts: GRIPProxyServerConfiguration.Timeouts { self.settings.timeouts }

    var rules: ExchangeRules { self.settings.rules }

    var tracer: (any Tracer)? { self.settings.tracer }

    var now: EngineTime { ProxyClock.now }

    func random() -> Double { Double.random(in: 0..<1, using: &self.generator) }

    func makeID() -> UInt64 {
        self.lastID += 1
        return self.lastID
    }

    /// A random time up to a second, which spreads what connections do at intervals.
    func jitter() -> Duration { .milliseconds(Int(self.random() * 1000)) }

    /// A key with which a frame to an origin is masked.
    func makeMaskKey() -> UInt32 { self.maskKeys.next(seededBy: &self.generator) }

    func makeConnectionID() -> String { ConnectionID.random(using: &self.generator) }

    // MARK: Routes

    func use(_ routes: RouteTable) {
        self.routes = routes
        self.webSocketConfigurations.removeAll()
    }

    /// The one copy of what is the same for all WebSockets of a route and a target.
    func shared(_ configuration: WebSocketRelayConfiguration) -> Shared<WebSocketRelayConfiguration> {
        if let known = self.webSocketConfigurations[configuration] { return known }
        let new = Shared(configuration)
        self.webSocketConfigurations[configuration] = new
        return new
    }

    // MARK: Connections

    func add(_ client: any ProxyClient) {
        self.counters.connectionsOpened += 1
        self.clients[client.id] = client
        let age = self.timeouts.connectionAge
        guard age > .zero else { return }
        // Of those that are gone there are as many at most.
        if self.ages.count > 2 * self.clients.count + 1024 { self.ages.keep { self.clients[$0] != nil } }
        // Those that came at once are not to come back at once.
        self.ages.insert(client.id, at: self.now + age * (0.9 + 0.2 * self.random()))
    }

    func remove(_ client: any ProxyClient) { self.clients[client.id] = nil }

    /// Lets another protocol take over a connection.
    func replace(with client: any ProxyClient) { self.clients[client.id] = client }

    /// Keeps something that nobody else does until it is released.
    func keep(_ object: AnyObject) { self.kept[ObjectIdentifier(object)] = object }

    func release(_ object: AnyObject) { self.kept[ObjectIdentifier(object)] = nil }

    // MARK: Subscriptions

    /// Tells the hub of channels that are new here, and asks about those of a new hold.
    ///
    /// - Returns: What has been published since the origin looked.
    func attach(_ added: [String], holding channels: [HeldChannel]) -> CatchUp {
        let asked = channels.filter { $0.previousID != nil }
        guard !added.isEmpty || !asked.isEmpty else { return .inOrder }
        return self.hub.attach(added, holding: asked, loop: self.index)
    }

    func detach(_ channel: String, lingers: Bool) { self.hub.detach(channel, lingers: lingers, loop: self.index) }

    func forgetLastID(of channel: String) { self.hub.forgetLastID(of: channel) }

    // MARK: Items

    /// Hands out what has been published.
    func takeInbox() {
        var parcels = self.emptyParcels
        self.emptyParcels = []
        self.inbox.take(into: &parcels)
        self.deliveries.add(parcels)
        guard parcels.count <= Self.keptParcels else { return }
        parcels.removeAll(keepingCapacity: true)
        self.emptyParcels = parcels
    }

    /// Does what is configured for a client that does not keep up.
    func overflowed(_ member: HeldMember, bytes: Int) {
        self.counters.overflowed += 1
        self.counters.overflowedBytes += bytes
        self.logOverflow(of: member)
        guard self.limits.overflow == .close else { return }
        let id = member.id
        // Not now: the items of this round are still being handed out.
        self.eventLoop.assumeIsolated().execute {
            self.clients[id]?.close(.overflow)
        }
    }

    // MARK: Updates

    /// Lets a member look for what it missed when its turn comes.
    func scheduleUpdate(of member: HeldMember) {
        self.updates.add(member.id, now: self.now)
        self.arm()
    }

    /// Lets everybody on a channel look for what they may have missed.
    func updateMembers(of name: String) {
        guard let channel = self.registry[name] else { return }
        for subscription in channel.responses { self.scheduleUpdate(of: subscription.member) }
        for subscription in channel.streams { self.scheduleUpdate(of: subscription.member) }
    }

    /// Lets everybody look for what they may have missed.
    func updateAllMembers() { self.recovery.begin(Array(self.clients.keys)) }

    func follow(_ link: GoneLink) { self.links.notify(link) }

    // MARK: Time

    /// Notes when a connection is to be woken.
    func schedule(_ client: any ProxyClient) {
        guard let deadline = client.nextDeadline else { return }
        if let scheduled = client.scheduled, scheduled <= deadline { return }
        client.scheduled = deadline
        self.deadlines.insert(client.id, at: deadline)
        self.arm()
    }

    private func arm() {
        guard !self.isWaitingForTurn, let next = EngineTime.earlier(self.deadlines.next, self.updates.nextDeadline)
        else { return }
        if let timer, timer.time <= next { return }
        self.timer?.task.cancel()
        let task = self.eventLoop.assumeIsolated().scheduleTask(deadline: ProxyClock.deadline(next)) {
            self.timer = nil
            self.wake()
        }
        self.timer = (next, task)
    }

    private func wake() {
        let now = self.now
        var count = 0
        while count < Self.wakesPerTurn, let time = self.deadlines.next, let id = self.deadlines.popDue(at: now) {
            count += 1
            // An entry from before the deadline came nearer is left over; there is another one that counts.
            guard let client = self.clients[id], client.scheduled == time else { continue }
            client.scheduled = nil
            if let deadline = client.nextDeadline, deadline <= now { client.wake(at: now) }
            self.schedule(client)
        }
        for id in self.updates.wake(at: now) { self.clients[id]?.member?.update(now: now) }
        guard let next = self.deadlines.next, next <= now, !self.isWaitingForTurn else { return self.arm() }
        self.isWaitingForTurn = true
        self.turns.add(self)
    }

    /// Looks after connections to origins from now on, once a second.
    ///
    /// Called on the loop.
    func startSweeping() {
        let this = NIOLoopBound(WeakLoop(self), eventLoop: self.eventLoop)
        self.sweeping = self.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { task in
            guard let loop = this.value.loop else { return task.cancel() }
            loop.sweep()
        }
    }

    /// Looks after connections to origins, and counts how long those of clients last.
    private func sweep() {
        let now = self.now
        self.pool.sweep(at: now)
        self.endOldClients(at: now)
        self.counters.readsLimited += self.pool.readsLimitedCount
        self.pool.readsLimitedCount = 0
        let passed = now.milliseconds - self.lastSweep.milliseconds
        self.counters.connectionMilliseconds += self.clients.count * Int(passed)
        self.lastSweep = now
        self.inProcess?.sweep(at: now)
    }

    /// Ends connections that are as old as they may become.
    private func endOldClients(at now: EngineTime) {
        var old: [UInt64] = []
        while let id = self.ages.popDue(at: now) { if self.clients[id] != nil { old.append(id) } }
        guard !old.isEmpty else { return }
        self.counters.connectionsAged += old.count
        ClientWalk(self) { $0.shutDown(.aged) }.begin(old)
    }

    /// Wakes a WebSocket whose client is gone while its origin is still to hear of that.
    func wake(_ webSocket: HeldWebSocket, at deadline: EngineTime) {
        _ = self.eventLoop.assumeIsolated().scheduleTask(deadline: ProxyClock.deadline(deadline)) {
            webSocket.wake(at: self.now)
        }
    }

    // MARK: Ending

    /// How many connections are open or have a request that the application has not finished with.
    var openCount: Int { self.clients.count + (self.inProcess?.busyCount ?? 0) }

    /// Begins to end everything: nothing new is held, and what is held ends over a time.
    func beginShutdown(over period: Duration) {
        guard !self.isShuttingDown else { return }
        self.isShuttingDown = true
        // Also where a server ends its connections before anybody tells the proxy.
        self.presence.beginShutdown()
        let held = self.clients.values.filter { $0.member != nil }.map(\.id)
        let others = self.clients.values.filter { $0.member == nil }.map(\.id)
        ClientWalk(self) { $0.shutDown(.shutDown) }.begin(others)
        self.end(held, over: period)
    }

    private func end(_ ids: [UInt64], over period: Duration) {
        guard !ids.isEmpty else { return }
        let (seconds, attoseconds) = period.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        // Ten steps a second, so that not everybody comes back at once; a hundred at once do no harm.
        let steps = max(1, min(Int(nanoseconds / 100_000_000), (ids.count + 99) / 100))
        for step in 0..<steps {
            let part = ids[(ids.count * step / steps)..<(ids.count * (step + 1) / steps)]
            let end = { ClientWalk(self) { $0.shutDown(.shutDown) }.begin(Array(part)) }
            if step == 0 {
                // A proxy that is cancelled closes what is open before a task would have its turn.
                end()
            } else if !part.isEmpty {
                _ = self.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(step) * 100)) { end() }
            }
        }
    }

    /// Ends whatever is left.
    func finishShutdown() {
        for client in self.clients.values { client.close(.shutDown) }
        self.pool.shutDown()
        self.inProcess?.shutDown()
        self.timer?.task.cancel()
        self.sweeping?.cancel()
    }
}

extension ProxyLoop: TurnTaker {
    /// Wakes more of those who are due.
    func takeTurn() -> Bool {
        self.isWaitingForTurn = false
        self.wake()
        // It waits for another turn by itself.
        return false
    }
}

/// Does not keep a loop that nobody else keeps.
private struct WeakLoop {
    weak var loop: ProxyLoop?

    init(_ loop: ProxyLoop) { self.loop = loop }
}
