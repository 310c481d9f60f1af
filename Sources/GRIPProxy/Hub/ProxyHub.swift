import GRIP
import GRIPEngine
import NIOCore

/// Puts the items of all publishers in order and hands them to the event loops.
///
/// It belongs to one loop itself.
final class ProxyHub: Sendable {
    /// For how many requests the room is kept.
    private static let keptBatches = 64

    let eventLoop: any EventLoop
    let backlog: PublishBacklog
    private let inbox = PublishInbox()
    private let state: NIOLoopBoundBox<State>

    /// What the loop of the hub has.
    private final class State {
        var hub: ChannelHub
        var loops: [(index: Int, loop: LoopReference)] = []
        var itemsReceived = 0
        /// Room for what comes next.
        var emptyBatches: [PublishInbox.Batch] = []
        var timer: (time: EngineTime, task: Scheduled<Void>)?

        init(_ hub: ChannelHub) { self.hub = hub }
    }

    init(eventLoop: any EventLoop, hub: ChannelHub, backlog: PublishBacklog) {
        self.eventLoop = eventLoop
        self.backlog = backlog
        self.state = NIOLoopBoundBox.makeBoxSendingValue(State(hub), eventLoop: eventLoop)
    }

    /// Learns of a loop, before that has anything to say.
    func add(_ loop: LoopReference, at index: Int) { self.run { $0.loops.append((index, loop)) } }

    // MARK: Subscribing

    func attach(
        _ added: [String],
        holding channels: [HeldChannel],
        from loop: ProxyLoop,
        ready: @escaping (Bool) -> Void
    ) {
        if loop.eventLoop === self.eventLoop {
            return ready(self.attach(added, holding: channels, loop: loop.index))
        }
        let index = loop.index
        let answer = NIOLoopBound(ready, eventLoop: loop.eventLoop)
        self.eventLoop.execute {
            let hasConflict = self.attach(added, holding: channels, loop: index)
            answer.eventLoop.execute { answer.value(hasConflict) }
        }
    }

    private func attach(_ added: [String], holding channels: [HeldChannel], loop: Int) -> Bool {
        let state = self.state.value
        let now = ProxyClock.now
        for name in added { state.hub.attach(loop, to: name, now: now) }
        defer { self.arm() }
        return state.hub.hasConflict(channels)
    }

    func detach(_ channel: String, lingers: Bool, from loop: ProxyLoop) {
        let index = loop.index
        self.run {
            $0.hub.detach(index, from: channel, lingers: lingers, now: ProxyClock.now)
            self.arm()
        }
    }

    func forgetLastID(of channel: String, from loop: ProxyLoop) { self.run { $0.hub.forgetLastID(of: channel) } }

    private func run(_ body: @escaping @Sendable (State) -> Void) {
        if self.eventLoop.inEventLoop {
            body(self.state.value)
        } else {
            self.eventLoop.execute { body(self.state.value) }
        }
    }

    // MARK: Publishing

    /// Publishes items in order, from any thread.
    ///
    /// - Parameters:
    ///   - publications: The items.
    ///   - taken: Called when they are in order.
    func publish(_ publications: [GRIPPublication], taken: (@Sendable () -> Void)? = nil) {
        let byteCount = publications.reduce(0) { $0 + $1.approximateByteCount }
        self.backlog.add(byteCount)
        let isFirst = self.inbox.add(.init(publications: publications, byteCount: byteCount, taken: taken))
        // Later also on the hub's own loop, so that publishers are answered first.
        if isFirst { self.eventLoop.execute { self.takeInbox() } }
    }

    private func takeInbox() {
        let state = self.state.value
        var batches = state.emptyBatches
        state.emptyBatches = []
        self.inbox.take(into: &batches)
        guard !batches.isEmpty else { return }
        let now = ProxyClock.now
        var outgoing: ChannelHub.Outgoing = []
        for batch in batches {
            state.itemsReceived += batch.publications.count
            for publication in batch.publications { _ = state.hub.receive(publication, now: now, to: &outgoing) }
        }
        self.send(outgoing)
        self.arm()
        for batch in batches {
            self.backlog.remove(batch.byteCount)
            batch.taken?()
        }
        guard batches.count <= Self.keptBatches else { return }
        batches.removeAll(keepingCapacity: true)
        state.emptyBatches = batches
    }

    /// Publishes items in order, from any thread, and tells how many connections have got each of them.
    func publishCounting(_ publications: [GRIPPublication]) -> EventLoopFuture<[CountByKind]> {
        let counts = self.eventLoop.makePromise(of: [CountByKind].self)
        self.run { state in
            // What was published before comes before.
            self.takeInbox()
            let now = ProxyClock.now
            state.itemsReceived += publications.count
            var outgoing: ChannelHub.Outgoing = []
            var tally = DeliveryTally(publications)
            for (index, publication) in publications.enumerated() {
                tally.note(index, state.hub.receive(publication, now: now, to: &outgoing), outgoing)
            }
            self.sendCounting(outgoing, tally).cascade(to: counts)
            self.arm()
        }
        return counts.futureResult
    }

    private func sendCounting(
        _ outgoing: ChannelHub.Outgoing,
        _ tally: DeliveryTally
    ) -> EventLoopFuture<[CountByKind]> {
        let deliveries = outgoing.map { Delivery($0.publication, framing: .wire) }
        let counts = self.state.value.loops.compactMap { index, loop in
            let positions = outgoing.indices.filter { outgoing[$0].loops.contains(ChannelHub.Loops(index)) }
            let own = positions.map { deliveries[$0] }
            return own.isEmpty ? nil : loop.ask { Array(zip(positions, $0.deliverCounting(own))) }
        }
        return EventLoopFuture.whenAllSucceed(counts, on: self.eventLoop).map { counts in
            var tally = tally
            for (position, count) in counts.joined() { tally.add(count, toOutgoing: position) }
            return tally.counts
        }
    }

    /// Publishes items and waits until they are in order, so that nobody publishes faster than that.
    func publishAndWait(_ publications: [GRIPPublication]) async throws {
        let taken = self.eventLoop.makePromise(of: Void.self)
        self.publish(publications) { taken.succeed(()) }
        try await taken.futureResult.get()
    }

    /// Lets all held connections look for what they may have missed.
    func recover() {
        self.run { state in
            state.hub.recover()
            for (_, loop) in state.loops { loop.run { $0.updateAllMembers() } }
        }
    }

    private func send(_ outgoing: ChannelHub.Outgoing) {
        guard let loops = outgoing.first?.loops else { return }
        let deliveries = outgoing.map { Delivery($0.publication, framing: .wire) }
        let byteCount = outgoing.reduce(0) { $0 + $1.publication.approximateByteCount }
        let areAlike = outgoing.allSatisfy { $0.loops == loops }
        for (index, loop) in self.state.value.loops {
            let bit = ChannelHub.Loops(index)
            let own: [Delivery]
            if areAlike {
                own = loops.contains(bit) ? deliveries : []
            } else {
                own = zip(outgoing, deliveries).compactMap { $0.loops.contains(bit) ? $1 : nil }
            }
            guard !own.isEmpty else { continue }
            // What is done here at once is in the backlog until then.
            if loop.eventLoop === self.eventLoop {
                loop.value.deliver(own)
            } else {
                self.backlog.add(byteCount)
                loop.run {
                    $0.deliver(own)
                    self.backlog.remove(byteCount)
                }
            }
        }
    }

    // MARK: Time

    private func arm() {
        let state = self.state.value
        guard let next = state.hub.nextDeadline else { return }
        if let timer = state.timer, timer.time <= next { return }
        state.timer?.task.cancel()
        let task = self.eventLoop.scheduleTask(deadline: ProxyClock.deadline(next)) { self.wake() }
        state.timer = (next, task)
    }

    private func wake() {
        let state = self.state.value
        state.timer = nil
        let (outgoing, updates) = state.hub.wake(at: ProxyClock.now)
        self.send(outgoing)
        for (channel, loops) in updates {
            for (index, loop) in state.loops where loops.contains(ChannelHub.Loops(index)) {
                loop.run { $0.updateMembers(of: channel) }
            }
        }
        self.arm()
    }

    /// What it has counted, and what it has.
    func measure() -> EventLoopFuture<ProxyMeasurements> {
        let measurements = self.eventLoop.makePromise(of: ProxyMeasurements.self)
        self.run { state in
            var result = ProxyMeasurements()
            result.counters.itemsReceived = state.itemsReceived
            result.counters.sequencing = state.hub.sequencer.counters
            result.levels.channels = state.hub.channelCount
            result.levels.waitingItems = state.hub.sequencer.pendingCount
            result.levels.waitingBytes = state.hub.sequencer.pendingBytes
            result.levels.publishedBytes = self.backlog.byteCount
            result.counters.publishersDelayed = self.backlog.delayCount
            measurements.succeed(result)
        }
        return measurements.futureResult
    }

    func shutDown() { self.run { $0.timer?.task.cancel() } }
}
