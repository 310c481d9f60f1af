import GRIP
import GRIPEngine
import Logging
import NIOCore
import Synchronization

/// Who is on which channel: joins what the event loops tell, what other instances tell, and those who watch.
///
/// The roster decides. What it wants done is done outside of its lock, in the order in which it was decided.
final class PresenceCenter: Sendable {
    /// Something to be done outside of the lock.
    private enum Job: Sendable {
        case act(PresenceAction)
        /// A kick for other instances, and who wants to know why the bus does not take it.
        case kickOthers(PresenceMessage, @Sendable (GRIPBusAcceptance.Refusal?) -> Void)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var roster: PresenceRoster
        var watchers = PresenceWatchers()
        var loops: [LoopReference] = []
        var jobs = CircularBuffer<Job>()
        /// Whether a thread is at the jobs.
        var isBusy = false
        var timer: (time: EngineTime, task: Scheduled<Void>)?
        var isOver = false
        var counters = PresenceCounters()
    }

    /// Where its timers are.
    let eventLoop: any EventLoop
    let departures: PresenceDepartures
    private let bus: ProxyBus?
    private let log: ProxyLog
    private let configuration: GRIPProxyServerConfiguration.Presence
    private let state: Mutex<State>

    /// Makes a center without members.
    ///
    /// - Parameters:
    ///   - configuration: How long it waits, and how much there may be of what.
    ///   - eventLoop: Where its timers are.
    ///   - bus: What carries messages between this instance and others, if there are any.
    ///   - log: Where it tells what operators need to know.
    init(
        _ configuration: GRIPProxyServerConfiguration.Presence,
        eventLoop: any EventLoop,
        bus: ProxyBus?,
        log: ProxyLog
    ) {
        self.eventLoop = eventLoop
        self.departures = PresenceDepartures(limit: configuration.queuedDepartures)
        self.bus = bus
        self.log = log
        self.configuration = configuration
        let roster = PresenceRoster(
            owner: UInt64.random(in: .min ... .max),
            PresenceRoster.Configuration(configuration),
            hasBus: bus != nil
        )
        self.state = Mutex(State(roster: roster))
    }

    /// Learns of a loop; loops come in the order of their indices.
    func add(_ loop: LoopReference) { self.state.withLock { $0.loops.append(loop) } }

    // MARK: Members

    /// Learns who has joined and left on an event loop since the last time, in order.
    func note(_ changes: [PresenceChange]) {
        let now = ProxyClock.now
        self.update { state, actions in
            for change in changes {
                switch change.kind {
                case .joined(let member, let time):
                    actions += state.roster.join(member, to: change.channel, by: change.subscriber, at: time, now: now)
                case .left(let end):
                    actions += state.roster.leave(
                        change.channel,
                        by: change.subscriber,
                        reason: end.departureReason,
                        lingers: end.lingers,
                        now: now
                    )
                }
            }
        }
    }

    /// Ends all connections of a member of a channel, on all instances.
    ///
    /// - Parameters:
    ///   - key: The member's key.
    ///   - channel: The channel with the route's prefix.
    ///   - body: What is done when that has begun, with why other instances do not hear of it, or `nil` when they do.
    func kick(
        _ key: String,
        from channel: String,
        then body: @escaping @Sendable (GRIPBusAcceptance.Refusal?) -> Void
    ) {
        let now = ProxyClock.now
        self.change { state in
            var jobs: [Job] = []
            var tellsOthers = false
            for action in state.roster.kick(key, from: channel, now: now) {
                if case .publish(let message) = action {
                    tellsOthers = true
                    jobs.append(.kickOthers(message, body))
                } else {
                    jobs.append(.act(action))
                }
            }
            if !tellsOthers { jobs.append(.call { body(nil) }) }
            return jobs
        }
    }

    // MARK: Watching

    /// Begins to watch a channel.
    ///
    /// - Parameter channel: The channel with the route's prefix.
    /// - Throws: ``GRIPPresenceError`` when there are as many watchers or watched channels as there may be.
    /// - Returns: The watch, which ends when it is let go of.
    func watch(_ channel: String) throws(GRIPPresenceError) -> PresenceWatch {
        let now = ProxyClock.now
        var result: Result<Int, GRIPPresenceError> = .failure(.unavailable(reason: "the proxy shuts down"))
        self.update { state, actions in
            guard !state.watchers.isOver else { return }
            do throws(GRIPPresenceError) {
                let begun = try state.roster.watch(channel, now: now)
                let id = state.watchers.add(to: channel, limit: self.configuration.queuedChanges)
                if let snapshot = begun.snapshot { _ = state.watchers.tell(id, .snapshot(snapshot)) }
                actions += begun.actions
                result = .success(id)
            } catch {
                result = .failure(error)
            }
        }
        return PresenceWatch(try result.get(), of: channel, at: self)
    }

    func endWatch(_ id: Int, of channel: String) {
        let now = ProxyClock.now
        self.update { state, actions in
            guard let body = state.watchers.remove(id) else { return }
            actions += state.roster.unwatch(channel, now: now)
            if let body { state.jobs.append(.call(body)) }
        }
    }

    /// What a watcher gets next.
    func next(_ id: Int, of channel: String) -> PresenceWatch.Next {
        self.state.withLock { state in
            switch state.watchers.next(id) {
            case .change(let change): return .change(change)
            case .none: return .none
            case .end: return .end
            case .snapshotNeeded:
                // Made under the lock: what changes afterwards is told behind it.
                let snapshot = state.roster.snapshot(of: channel, now: ProxyClock.now)
                return snapshot.map { .change(.snapshot($0)) } ?? .none
            }
        }
    }

    /// Calls a closure when there is something for a watcher, or nothing will come any more.
    func whenReady(_ id: Int, _ body: @escaping @Sendable () -> Void) {
        if !self.state.withLock({ $0.watchers.wait(id, body) }) { body() }
    }

    /// Who is on a channel that is watched, as far as that is known.
    func snapshot(of channel: String) -> GRIPPresenceSnapshot {
        let known = self.state.withLock { $0.roster.snapshot(of: channel, now: ProxyClock.now) }
        return known ?? GRIPPresenceSnapshot(channel: channel, members: [], isComplete: false)
    }

    // MARK: Other instances

    /// Takes what other instances have published.
    ///
    /// - Parameter publications: Items of reserved channels.
    func receive(_ publications: [GRIPPublication]) {
        var messages: [PresenceMessage] = []
        for publication in publications {
            do throws(PresenceMessageError) {
                messages.append(try PresenceMessage(publication))
            } catch {
                self.state.withLock { $0.counters.invalidMessages += 1 }
                self.log.write(
                    .warning,
                    .presenceMessage,
                    "a message of another instance about presence is ignored: \(error)"
                )
            }
        }
        guard !messages.isEmpty else { return }
        let now = ProxyClock.now
        self.update { [messages] state, actions in
            state.counters.receivedMessages += messages.count
            for message in messages { actions += state.roster.receive(message, now: now) }
        }
    }

    func missed(_ gap: GRIPBusGap) {
        let now = ProxyClock.now
        self.update { state, actions in actions += state.roster.missed(gap, now: now) }
    }

    func busChanged(isConnected: Bool) {
        let now = ProxyClock.now
        self.update { state, actions in actions += state.roster.busChanged(isConnected: isConnected, now: now) }
    }

    // MARK: Ending

    /// Learns that all connections will be ended; to be called before they are.
    ///
    /// Those who watch are told no more.
    func beginShutdown() {
        let now = ProxyClock.now
        self.update { state, actions in
            actions += state.roster.shutDown(grace: self.configuration.grace, now: now)
            for body in state.watchers.end() { state.jobs.append(.call(body)) }
        }
    }

    /// Learns that all connections have ended.
    func finishShutdown() {
        self.state.withLock { state in
            state.isOver = true
            state.timer?.task.cancel()
        }
        self.departures.finish()
    }

    // MARK: Doing

    /// Lets the roster decide something, and does what it wants done.
    private func update(_ body: (inout State, inout [PresenceAction]) -> Void) {
        self.change { state in
            var actions: [PresenceAction] = []
            body(&state, &actions)
            return actions.map { Job.act($0) }
        }
    }

    private func change(_ body: (inout State) -> [Job]) {
        let isMine = self.state.withLock { state in
            for job in body(&state) {
                // Watchers are told under the lock, so that what they are told later comes behind it.
                if case .act(.tell(let channel, let changes)) = job {
                    for body in state.watchers.tell(channel, changes, &state.counters) {
                        state.jobs.append(.call(body))
                    }
                } else {
                    state.jobs.append(job)
                }
            }
            self.arm(&state)
            guard !state.isBusy, !state.jobs.isEmpty else { return false }
            state.isBusy = true
            return true
        }
        // Another thread that is at it does this too.
        if isMine { self.doJobs() }
    }

    private func doJobs() {
        while let jobs = self.takeJobs() { for job in jobs { self.perform(job) } }
    }

    private func takeJobs() -> CircularBuffer<Job>? {
        self.state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.isBusy = false
                return nil
            }
            defer { state.jobs = CircularBuffer() }
            return state.jobs
        }
    }

    private func perform(_ job: Job) {
        switch job {
        case .call(let body): body()
        case .kickOthers(let message, let body): body(self.publish(message))
        case .act(.publish(let message)): _ = self.publish(message)
        case .act(.attend(let channels)): self.bus?.tellInterest(.attend(channels))
        case .act(.ignore(let channels)): self.bus?.tellInterest(.ignore(channels))
        case .act(.end(let connection, let channel)): self.end(connection, memberOf: channel)
        case .act(.departed(let departure)): self.departures.add(departure)
        // That is done under the lock.
        case .act(.tell): break
        }
    }

    private func publish(_ message: PresenceMessage) -> GRIPBusAcceptance.Refusal? {
        let refusal = self.bus?.publish(message.publication)
        self.state.withLock { state in
            if refusal == nil {
                state.counters.sentMessages += 1
            } else {
                state.counters.refusedMessages += 1
                state.roster.refused(message)
                self.arm(&state)
            }
        }
        return refusal
    }

    private func end(_ connection: UInt64, memberOf channel: String) {
        let index = Int(connection >> ProxyLoop.idBits)
        let loop: LoopReference? = self.state.withLock { state in
            state.counters.kickedConnections += 1
            return state.loops.indices.contains(index) ? state.loops[index] : nil
        }
        loop?.run { $0.kick(connection, from: channel) }
    }

    // MARK: Time

    private func arm(_ state: inout State) {
        guard !state.isOver, let next = state.roster.nextDeadline else { return }
        if let timer = state.timer, timer.time <= next { return }
        state.timer?.task.cancel()
        let task = self.eventLoop.scheduleTask(deadline: ProxyClock.deadline(next)) { [weak self] in
            if let self { self.wake() }
        }
        state.timer = (next, task)
    }

    private func wake() {
        let now = ProxyClock.now
        self.update { state, actions in
            state.timer = nil
            actions += state.roster.wake(at: now)
        }
    }

    // MARK: Measuring

    /// What it has counted, and what it has.
    func add(to measurements: inout ProxyMeasurements) {
        let (numbers, counters) = self.state.withLock { ($0.roster.numbers, $0.counters) }
        measurements.counters.presence = counters
        measurements.counters.presence.refusedMembers = numbers.refusedMembers
        measurements.counters.presence.refusedWatchers = numbers.refusedWatchers
        measurements.counters.presence.ignoredMessages = numbers.ignoredMessages
        measurements.counters.presence.questions = numbers.questions
        measurements.counters.presence.droppedDepartures = self.departures.droppedCount
        measurements.levels.presenceMembers = numbers.members
        measurements.levels.presenceWatchers = numbers.watchers
        measurements.levels.presenceChannels = numbers.watchedChannels
        measurements.levels.presenceInstances = numbers.peers
    }
}

extension PresenceRoster.Configuration {
    fileprivate init(_ configuration: GRIPProxyServerConfiguration.Presence) {
        self.init(
            linger: configuration.linger,
            maximumMembers: configuration.members,
            maximumWatchers: configuration.watchers,
            maximumWatchedChannels: configuration.watchedChannels,
            maximumPeers: configuration.instances
        )
    }
}
