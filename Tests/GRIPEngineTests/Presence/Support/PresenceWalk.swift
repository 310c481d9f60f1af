import GRIP
import GRIPEngine
import Testing

/// Several instances, their clients and watchers, and a bus between them that loses, delays and swaps messages.
struct PresenceWalk {
    /// What a watcher knows by what it was told.
    struct Watcher {
        var members: [String: String]?
        var isComplete = false
    }

    struct Instance {
        var roster: PresenceRoster
        /// When messages of a channel of the bus begin to arrive.
        var interest: [String: EngineTime] = [:]
        var watchers: [String: [Watcher]] = [:]
        /// The clients that are members, and of which channel.
        var clients: [UInt64: (channel: String, key: String)] = [:]
        var isConnected = true
        /// When it is gone, once it has begun to end.
        var endsAt: EngineTime?
    }

    private struct Delivery {
        let time: EngineTime
        let sequence: Int
        let destination: UInt64
        let event: Event
    }

    private enum Event {
        case message(GRIPPublication)
        case missed(GRIPBusGap)
    }

    static let channels = ["room", "hall", "é"]
    static let keys = (0..<6).map { "key\($0)" }

    let position: WalkPosition
    var random: SplitMix64
    var now = EngineTime(milliseconds: 0)
    var instances: [UInt64: Instance] = [:]
    private var inFlight: [Delivery] = []
    private var lastOwner: UInt64 = 0
    private var lastClient: UInt64 = 0
    private var sequence = 0
    /// Whether the bus is as it should be and nobody does anything.
    var isQuiet = false
    private(set) var told = 0
    private(set) var departed = 0

    init(seed: UInt64) {
        self.position = WalkPosition(seed: seed)
        self.random = SplitMix64(seed: seed)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    mutating func pick<Element>(_ elements: some Collection<Element>) -> Element? {
        elements.randomElement(using: &self.random)
    }

    // MARK: Events

    mutating func start() {
        self.lastOwner += 1
        let owner = self.lastOwner
        self.instances[owner] = Instance(roster: PresenceRoster(owner: owner &* 0x9E37_79B9, hasBus: true))
        self.act(owner) { roster, now in roster.busChanged(isConnected: true, now: now) }
    }

    mutating func join(_ owner: UInt64) throws {
        guard let channel = self.pick(Self.channels), let key = self.pick(Self.keys) else { return }
        self.lastClient += 1
        var client = self.lastClient
        // A client may become another member of its channel.
        if self.chance(10), let known = self.pick(self.instances[owner]?.clients.keys.sorted() ?? []) { client = known }
        let place = self.instances[owner]?.clients[client]?.channel ?? channel
        let member = try GRIPMember(key, info: self.chance(50) ? "\(Int.random(in: 0..<4, using: &self.random))" : nil)
        self.instances[owner]?.clients[client] = (place, key)
        let identity = SubscriberIdentity(connection: client, meta: [:])
        self.act(owner) { roster, now in
            roster.join(member, to: place, by: identity, at: Int(now.milliseconds), now: now)
        }
    }

    mutating func leave(_ owner: UInt64, _ client: UInt64, _ reason: GRIPDepartureReason) {
        guard let (channel, _) = self.instances[owner]?.clients.removeValue(forKey: client) else { return }
        let lingers = self.chance(70)
        let identity = SubscriberIdentity(connection: client, meta: [:])
        self.act(owner) { roster, now in
            roster.leave(channel, by: identity, reason: reason, lingers: lingers, now: now)
        }
    }

    mutating func watch(_ owner: UInt64, _ channel: String) throws {
        guard let (snapshot, actions) = try self.instances[owner]?.roster.watch(channel, now: self.now) else { return }
        var watcher = Watcher()
        if let snapshot { self.tell(.snapshot(snapshot), to: &watcher) }
        self.instances[owner]?.watchers[channel, default: []].append(watcher)
        self.perform(actions, of: owner)
    }

    mutating func unwatch(_ owner: UInt64, _ channel: String) {
        guard self.instances[owner]?.watchers[channel]?.popLast() != nil else { return }
        self.act(owner) { roster, now in roster.unwatch(channel, now: now) }
    }

    mutating func kick(_ owner: UInt64) {
        guard let channel = self.pick(Self.channels), let key = self.pick(Self.keys) else { return }
        self.act(owner) { roster, now in roster.kick(key, from: channel, now: now) }
    }

    mutating func setConnected(_ owner: UInt64, _ isConnected: Bool) {
        guard self.instances[owner]?.isConnected == !isConnected else { return }
        self.instances[owner]?.isConnected = isConnected
        self.act(owner) { roster, now in roster.busChanged(isConnected: isConnected, now: now) }
        guard isConnected else { return }
        self.act(owner) { roster, now in roster.missed(.all(.disconnected), now: now) }
    }

    mutating func shutDown(_ owner: UInt64) {
        guard self.instances[owner]?.endsAt == nil else { return }
        let grace: Duration = self.chance(70) ? .seconds(10) : .zero
        self.act(owner) { roster, now in roster.shutDown(grace: grace, now: now) }
        for client in self.instances[owner]?.clients.keys.sorted() ?? [] { self.leave(owner, client, .shutdown) }
        self.instances[owner]?.endsAt = self.now + .milliseconds(Int.random(in: 0...4000, using: &self.random))
    }

    mutating func kill(_ owner: UInt64) {
        self.instances[owner] = nil
        self.inFlight.removeAll { $0.destination == owner }
    }

    // MARK: Time

    /// Lets time pass: messages arrive and rosters wake in their order.
    mutating func advance(_ duration: Duration) {
        let end = self.now + duration
        while !self.position.hasFailed {
            let arrival = self.inFlight.indices.min { self.isBefore(self.inFlight[$0], self.inFlight[$1]) }
            let wakes = self.instances.compactMap { owner, instance in
                instance.roster.nextDeadline.map { (time: $0, owner: owner) }
            }
            let wake = wakes.min { ($0.time, $0.owner) < ($1.time, $1.owner) }
            let ending = self.instances.compactMap { owner, instance in instance.endsAt.map { (time: $0, owner: owner) }
            }
            .min { ($0.time, $0.owner) < ($1.time, $1.owner) }
            let times = [arrival.map { self.inFlight[$0].time }, wake?.time, ending?.time].compactMap { $0 }
            guard let next = times.min(), next <= end else { break }
            self.now = max(self.now, next)
            if let arrival, self.inFlight[arrival].time == next {
                self.arrive(self.inFlight.remove(at: arrival))
            } else if let ending, ending.time == next {
                self.kill(ending.owner)
            } else if let wake {
                self.act(wake.owner) { roster, now in roster.wake(at: now) }
            }
        }
        self.now = end
    }

    private func isBefore(_ lhs: Delivery, _ rhs: Delivery) -> Bool {
        (lhs.time, lhs.sequence) < (rhs.time, rhs.sequence)
    }

    private mutating func arrive(_ delivery: Delivery) {
        let owner = delivery.destination
        guard let instance = self.instances[owner], instance.isConnected else { return }
        switch delivery.event {
        case .message(let publication):
            guard let from = instance.interest[publication.channel.name], from <= self.now else { return }
            do {
                let message = try PresenceMessage(publication)
                self.act(owner) { roster, now in roster.receive(message, now: now) }
            } catch {
                self.position.check(false, "a message is refused: \(error)")
            }
        case .missed(let gap): self.act(owner) { roster, now in roster.missed(gap, now: now) }
        }
    }

    // MARK: Actions

    private mutating func act(_ owner: UInt64, _ event: (inout PresenceRoster, EngineTime) -> [PresenceAction]) {
        guard var instance = self.instances.removeValue(forKey: owner) else { return }
        let actions = event(&instance.roster, self.now)
        self.instances[owner] = instance
        self.perform(actions, of: owner)
    }

    private mutating func perform(_ actions: [PresenceAction], of owner: UInt64) {
        for action in actions {
            switch action {
            case .attend(let channels):
                for channel in channels {
                    self.position.check(
                        self.instances[owner]?.interest[channel] == nil,
                        "\(channel) is attended twice"
                    )
                    let delay = self.isQuiet ? 0 : Int.random(in: 0...200, using: &self.random)
                    self.instances[owner]?.interest[channel] = self.now + .milliseconds(delay)
                }
            case .ignore(let channels):
                for channel in channels {
                    self.position.check(
                        self.instances[owner]?.interest.removeValue(forKey: channel) != nil,
                        "\(channel) is ignored but was not attended"
                    )
                }
            case .publish(let message): self.publish(message, of: owner)
            case .tell(let channel, let changes):
                var watchers = self.instances[owner]?.watchers[channel] ?? []
                self.position.check(!watchers.isEmpty, "nobody is told")
                for index in watchers.indices { for change in changes { self.tell(change, to: &watchers[index]) } }
                self.instances[owner]?.watchers[channel] = watchers
            case .end(let client, _):
                self.position.check(
                    self.instances[owner]?.clients[client] != nil,
                    "a client is kicked that is gone"
                )
                self.leave(owner, client, .kicked)
            case .departed: self.departed += 1
            }
        }
    }

    private mutating func publish(_ message: PresenceMessage, of owner: UInt64) {
        guard self.instances[owner]?.isConnected == true else {
            if case .kick = message.content { return }
            return self.position.check(false, "something is told without a connection")
        }
        if !self.isQuiet, self.chance(2) {
            self.instances[owner]?.roster.refused(message)
            return
        }
        for destination in self.instances.keys.sorted() where destination != owner {
            self.sequence += 1
            // What is lost is made known, as a bus promises.
            let isLost = !self.isQuiet && self.chance(3)
            let gap = GRIPBusGap.channels([message.busChannel], .hole)
            let delay = Int.random(in: 1...(self.isQuiet ? 2 : 5), using: &self.random)
            // Messages of one instance to one channel arrive in their order, but for a few.
            let isSwapped = !self.isQuiet && self.chance(2)
            let before = self.inFlight.filter { $0.destination == destination }.map(\.time).max() ?? self.now
            let time = isSwapped ? self.now : max(before, self.now + .milliseconds(delay))
            self.inFlight.append(
                Delivery(
                    time: time,
                    sequence: self.sequence,
                    destination: destination,
                    event: isLost ? .missed(gap) : .message(message.publication)
                )
            )
        }
    }

    private mutating func tell(_ change: GRIPPresenceChange, to watcher: inout Watcher) {
        self.told += 1
        switch change {
        case .snapshot(let snapshot):
            watcher.members = Dictionary(
                uniqueKeysWithValues: snapshot.members.map { ($0.key, $0.info ?? "") }
            )
            watcher.isComplete = snapshot.isComplete
        case .joined(let member):
            self.position.check(watcher.members != nil, "a change comes before the first snapshot")
            self.position.check(watcher.members?[member.key] == nil, "\(member.key) joins twice")
            watcher.members?[member.key] = member.info ?? ""
        case .updated(let member):
            self.position.check(
                watcher.members?[member.key].map { $0 != member.info ?? "" } ?? false,
                "\(member.key) is updated without need"
            )
            watcher.members?[member.key] = member.info ?? ""
        case .left(let member, _):
            self.position.check(
                watcher.members?.removeValue(forKey: member.key) != nil,
                "\(member.key) leaves and is not there"
            )
        }
    }

    // MARK: What is true

    /// How many clients of each key there are on a channel, on all instances.
    func truth(_ channel: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for instance in self.instances.values {
            for client in instance.clients.values where client.channel.utf8.elementsEqual(channel.utf8) {
                counts[client.key, default: 0] += 1
            }
        }
        return counts
    }

    /// Whether everybody knows what is true.
    mutating func checkAgreement() {
        for channel in Self.channels {
            let truth = self.truth(channel)
            var infos: [String: String]?
            for (owner, instance) in self.instances {
                let label = "\(channel) on \(owner)"
                guard let watchers = instance.watchers[channel], !watchers.isEmpty else { continue }
                var roster = instance.roster
                guard let snapshot = roster.snapshot(of: channel, now: self.now) else {
                    self.position.check(false, "\(label) is not watched")
                    continue
                }
                self.position.check(snapshot.isComplete, "\(label) is not complete")
                let counts = Dictionary(uniqueKeysWithValues: snapshot.members.map { ($0.key, $0.connections) })
                self.position.check(counts == truth, "\(label): \(counts) instead of \(truth)")
                let own = Dictionary(uniqueKeysWithValues: snapshot.members.map { ($0.key, $0.info ?? "") })
                self.position.check(infos ?? own == own, "\(label): \(own) instead of \(infos ?? [:])")
                infos = own
                for watcher in watchers {
                    self.position.check(watcher.isComplete, "a watcher of \(label) knows not all")
                    self.position.check(
                        watcher.members == own,
                        "a watcher of \(label) knows \(watcher.members ?? [:]) instead of \(own)"
                    )
                }
            }
        }
    }
}
