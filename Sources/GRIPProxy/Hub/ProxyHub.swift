import GRIP
import GRIPEngine
import NIOCore
import Synchronization

/// Puts the items of all publishers in order and hands them to the event loops that have subscribers.
///
/// It belongs to no loop: each publisher's has its turn, for as long as it takes to find out where items go. A loop's
/// items are in its inbox in the order of these turns.
final class ProxyHub: Sendable {
    /// Where its timers are.
    let eventLoop: any EventLoop
    let backlog: PublishBacklog
    /// Who is told what channels this process has subscribers for.
    private let bus: ProxyBus?
    private let state: Mutex<State>

    private struct State {
        var hub: ChannelHub
        var loops: [LoopReference] = []
        var itemsReceived = CountBySource()
        var timer: (time: EngineTime, task: Scheduled<Void>)?
    }

    /// The loops that have something new in their inboxes.
    private struct Notice {
        let loops: [LoopReference]
        var told = ChannelHub.Loops.none

        func send() {
            for (index, loop) in self.loops.enumerated() where self.told.contains(ChannelHub.Loops(index)) {
                // Later also on the publisher's own loop, so that publishers are answered first.
                loop.eventLoop.execute { loop.value.takeInbox() }
            }
        }
    }

    init(eventLoop: any EventLoop, hub: ChannelHub, backlog: PublishBacklog, bus: ProxyBus? = nil) {
        self.bus = bus
        self.eventLoop = eventLoop
        self.backlog = backlog
        self.state = Mutex(State(hub: hub))
    }

    /// Learns of a loop, before that has anything to say; loops come in the order of their indices.
    func add(_ loop: LoopReference) { self.state.withLock { $0.loops.append(loop) } }

    // MARK: Subscribing

    /// Learns that a loop has its first subscribers on channels.
    ///
    /// - Returns: What has been published since the origin of a new hold looked.
    func attach(_ added: [String], holding channels: [HeldChannel], loop: Int) -> CatchUp {
        let catchUp = self.state.withLock { state in
            let now = ProxyClock.now
            for name in added {
                if let effect = state.hub.attach(loop, to: name, now: now) { self.bus?.note(effect) }
            }
            self.arm(&state)
            return state.hub.catchUp(channels)
        }
        self.bus?.tellInterest()
        return catchUp
    }

    /// Learns that a loop's last subscriber of a channel is gone.
    func detach(_ channel: String, lingers: Bool, loop: Int) {
        self.state.withLock { state in
            let effect = state.hub.detach(loop, from: channel, lingers: lingers, now: ProxyClock.now)
            if let effect { self.bus?.note(effect) }
            self.arm(&state)
        }
        self.bus?.tellInterest()
    }

    func forgetLastID(of channel: String) { self.state.withLock { $0.hub.forgetLastID(of: channel) } }

    // MARK: Publishing

    /// Publishes items to the clients of this process, in order, from any thread.
    func publish(_ publications: [GRIPPublication], from source: PublishSource) {
        let prepared = self.prepare(publications)
        let notice = self.state.withLock { state in
            var outgoing: ChannelHub.Outgoing = []
            let deliveries = Self.receive(publications, from: source, prepared, &state, to: &outgoing) { _, _, _ in }
            self.arm(&state)
            return self.post(outgoing, deliveries, to: state.loops)
        }
        notice.send()
    }

    /// Publishes items to the clients of this process, in order, from any thread, and tells how many connections have got
    /// each of them.
    func publishCounting(
        _ publications: [GRIPPublication],
        from source: PublishSource
    ) -> EventLoopFuture<[CountByKind]> {
        let prepared = self.prepare(publications)
        var tally = DeliveryTally(publications)
        let (notice, counts) = self.state.withLock { state in
            var outgoing: ChannelHub.Outgoing = []
            let deliveries = Self.receive(publications, from: source, prepared, &state, to: &outgoing) {
                tally.note($0, $1, $2)
            }
            self.arm(&state)
            return self.postCounting(outgoing, deliveries, to: state.loops)
        }
        notice.send()
        return EventLoopFuture.whenAllSucceed(counts, on: self.eventLoop).map { [tally] counts in
            var tally = tally
            for (position, count) in counts.joined() { tally.add(count, toOutgoing: position) }
            return tally.counts
        }
    }

    /// Deliveries that were made before their items are received.
    private enum Prepared {
        /// None: nobody may get any of the items.
        case nothing
        case one(Delivery)
        /// One for each item that somebody may get.
        case several([Delivery?])

        subscript(index: Int) -> Delivery? {
            switch self {
            case .nothing: nil
            case .one(let delivery): index == 0 ? delivery : nil
            case .several(let deliveries): deliveries[index]
            }
        }
    }

    /// Makes deliveries of those items that somebody may get.
    ///
    /// That takes its time and is done before it is the publisher's turn.
    private func prepare(_ publications: [GRIPPublication]) -> Prepared {
        if publications.count == 1 {
            let isKnown = self.state.withLock { $0.hub.isKnown(publications[0].channel.name) }
            return isKnown ? .one(Delivery(publications[0], framing: .wire)) : .nothing
        }
        let known = self.state.withLock { state in
            publications.indices.filter { state.hub.isKnown(publications[$0].channel.name) }
        }
        guard !known.isEmpty else { return .nothing }
        var prepared = [Delivery?](repeating: nil, count: publications.count)
        for index in known { prepared[index] = Delivery(publications[index], framing: .wire) }
        return .several(prepared)
    }

    private static func receive(
        _ publications: [GRIPPublication],
        from source: PublishSource,
        _ prepared: Prepared,
        _ state: inout State,
        to outgoing: inout ChannelHub.Outgoing,
        note: (Int, ChannelHub.Outcome, ChannelHub.Outgoing) -> Void
    ) -> [Delivery] {
        let now = ProxyClock.now
        state.itemsReceived[source] += publications.count
        var deliveries: [Delivery] = []
        for (index, publication) in publications.enumerated() {
            let outcome = state.hub.receive(publication, now: now, to: &outgoing)
            note(index, outcome, outgoing)
            // The item itself is the first, others may have waited for it.
            if deliveries.count < outgoing.count, let delivery = prepared[index] {
                deliveries.append(delivery)
            }
            while deliveries.count < outgoing.count {
                deliveries.append(Delivery(outgoing[deliveries.count].publication, framing: .wire))
            }
        }
        return deliveries
    }

    /// Puts deliveries into the inboxes of the loops that they are for.
    private func post(
        _ outgoing: ChannelHub.Outgoing,
        _ deliveries: [Delivery],
        to loops: [LoopReference]
    ) -> Notice {
        var notice = Notice(loops: loops)
        guard let first = outgoing.first?.loops else { return notice }
        let areAlike = outgoing.allSatisfy { $0.loops == first }
        for (index, loop) in loops.enumerated() {
            let bit = ChannelHub.Loops(index)
            if areAlike {
                guard first.contains(bit) else { continue }
                self.post(deliveries, to: loop, at: bit, &notice)
            } else {
                let own = zip(outgoing, deliveries).compactMap { $0.loops.contains(bit) ? $1 : nil }
                if !own.isEmpty { self.post(own, to: loop, at: bit, &notice) }
            }
        }
        return notice
    }

    /// Puts deliveries into the inboxes, and tells what becomes of each, with its place among all.
    private func postCounting(
        _ outgoing: ChannelHub.Outgoing,
        _ deliveries: [Delivery],
        to loops: [LoopReference]
    ) -> (Notice, [EventLoopFuture<[(Int, CountByKind)]>]) {
        var notice = Notice(loops: loops)
        var futures: [EventLoopFuture<[(Int, CountByKind)]>] = []
        for (index, loop) in loops.enumerated() {
            let bit = ChannelHub.Loops(index)
            let positions = outgoing.indices.filter { outgoing[$0].loops.contains(bit) }
            guard !positions.isEmpty else { continue }
            let counts = loop.eventLoop.makePromise(of: [CountByKind].self)
            self.post(positions.map { deliveries[$0] }, to: loop, at: bit, counts: counts, &notice)
            futures.append(counts.futureResult.map { Array(zip(positions, $0)) })
        }
        return (notice, futures)
    }

    private func post(
        _ deliveries: [Delivery],
        to loop: LoopReference,
        at bit: ChannelHub.Loops,
        counts: EventLoopPromise<[CountByKind]>? = nil,
        _ notice: inout Notice
    ) {
        let byteCount = deliveries.reduce(0) { $0 + $1.approximateByteCount }
        self.backlog.add(byteCount)
        if loop.inbox.add(.init(deliveries: deliveries, byteCount: byteCount, counts: counts)) {
            notice.told.insert(bit)
        }
    }

    /// Lets all held connections look for what they may have missed.
    func recover() {
        let loops = self.state.withLock { state in
            state.hub.recover()
            return state.loops
        }
        for loop in loops { loop.run { $0.updateAllMembers() } }
    }

    /// Lets the connections of channels look for what they may have missed, spread over a time.
    func missed(_ gap: GRIPBusGap) {
        let random = Double.random(in: 0..<1)
        self.state.withLock { state in
            state.hub.missed(gap, now: ProxyClock.now, random: random)
            self.arm(&state)
        }
    }

    // MARK: Time

    private func arm(_ state: inout State) {
        guard let next = state.hub.nextDeadline else { return }
        if let timer = state.timer, timer.time <= next { return }
        state.timer?.task.cancel()
        let task = self.eventLoop.scheduleTask(deadline: ProxyClock.deadline(next)) { self.wake() }
        state.timer = (next, task)
    }

    private func wake() {
        let (notice, updates) = self.state.withLock { state in
            state.timer = nil
            var outgoing: ChannelHub.Outgoing = []
            var updates: [(channel: String, loops: ChannelHub.Loops)] = []
            for effect in state.hub.wake(at: ProxyClock.now) {
                switch effect {
                case .deliver(let publication, let loops): outgoing.append((publication, loops))
                case .lookAgain(let channel, let loops): updates.append((channel, loops))
                case .interest, .noInterest: self.bus?.note(effect)
                }
            }
            let deliveries = outgoing.map { Delivery($0.publication, framing: .wire) }
            self.arm(&state)
            return (self.post(outgoing, deliveries, to: state.loops), updates)
        }
        notice.send()
        self.bus?.tellInterest()
        for (channel, loops) in updates {
            for (index, loop) in notice.loops.enumerated() where loops.contains(ChannelHub.Loops(index)) {
                loop.run { $0.updateMembers(of: channel) }
            }
        }
    }

    func shutDown() {
        self.state.withLock { $0.timer?.task.cancel() }
        self.backlog.shutDown()
    }

    // MARK: Measuring

    /// What it has counted, and what it has.
    var measurements: ProxyMeasurements {
        var result = ProxyMeasurements()
        self.state.withLock { state in
            result.counters.itemsReceived = state.itemsReceived
            result.counters.sequencing = state.hub.sequencer.counters
            result.levels.channels = state.hub.channelCount
            result.levels.waitingItems = state.hub.sequencer.pendingCount
            result.levels.waitingBytes = state.hub.sequencer.pendingBytes
        }
        if let bus = self.bus {
            result.counters.bus = bus.counters
            result.levels.connectedBuses = bus.isConnected ? 1 : 0
            result.levels.waitingBusBytes = result.counters.bus.own.waitingBytes
        }
        result.levels.publishedBytes = self.backlog.byteCount
        result.counters.publishersDelayed = self.backlog.delayCount
        return result
    }
}
