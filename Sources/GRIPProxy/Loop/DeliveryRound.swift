import GRIPEngine
import NIOCore

/// Hands published items out to the connections of an event loop, to as many at a time as leave time for others.
///
/// The next item is handed out when the one before it has been, so that each connection gets them in order. A
/// connection that subscribes while an item is being handed out does not get that item.
final class DeliveryRound: TurnTaker {
    /// How much is done at a time.
    static var budget: Int { 1024 }

    /// Those of one kind who are still to get an item.
    private struct Crowd {
        let delivery: Delivery
        let subscriptions: ContiguousArray<Subscription<HeldMember>>
        let cost: Int
        var index = 0
    }

    /// Not kept: a turn that is waited for may come after the end of the proxy.
    private weak var loop: ProxyLoop?
    /// What is not handed out yet; of the first, some may be.
    private var parcels = CircularBuffer<DeliveryInbox.Parcel>()
    /// Which of the first parcel's items is next.
    private var position = 0
    /// Those who are still to get the item before that.
    private var crowds: [Crowd] = []
    /// How many connections have got each item of the first parcel.
    private var counts: [CountByKind] = []
    private var isWaiting = false

    init(loop: ProxyLoop) { self.loop = loop }

    deinit {
        // An event loop that ends lets go of what it has not done.
        for parcel in self.parcels { parcel.counts?.fail(EventLoopError.shutdown) }
    }

    /// Hands out items, or what fits into a turn.
    func add(_ parcels: [DeliveryInbox.Parcel]) {
        self.parcels.append(contentsOf: parcels)
        guard !self.isWaiting, self.takeTurn() else { return }
        self.loop?.turns.add(self)
    }

    func takeTurn() -> Bool {
        guard let loop = self.loop else { return false }
        let now = loop.now
        var finished: [(DeliveryInbox.Parcel, [CountByKind])] = []
        loop.flushes.collect {
            var left = Self.budget
            while left > 0, let parcel = self.parcels.first {
                if !self.crowds.isEmpty {
                    self.serve(&left, parcel, on: loop, now: now)
                } else if self.position < parcel.deliveries.count {
                    self.begin(parcel.deliveries[self.position], of: parcel, on: loop, &left, now: now)
                    self.position += 1
                } else {
                    self.parcels.removeFirst()
                    self.position = 0
                    if parcel.counts != nil {
                        finished.append((parcel, self.counts))
                        self.counts = []
                    } else {
                        loop.hub.backlog.remove(parcel.byteCount)
                    }
                }
            }
        }
        for (parcel, counts) in finished {
            parcel.counts?.succeed(counts)
            loop.hub.backlog.remove(parcel.byteCount)
        }
        self.isWaiting = !self.parcels.isEmpty
        return self.isWaiting
    }

    private func begin(
        _ delivery: Delivery,
        of parcel: DeliveryInbox.Parcel,
        on loop: ProxyLoop,
        _ left: inout Int,
        now: EngineTime
    ) {
        let before = loop.counters.delivered
        left -= 1
        if let channel = loop.registry[delivery.channel] {
            // A long poll is answered at once; others are written to, and flushed in turns of their own.
            if delivery.response != nil { self.hand(delivery, to: channel.responses, cost: 8, &left, now: now) }
            if delivery.stream != nil { self.hand(delivery, to: channel.streams, cost: 1, &left, now: now) }
            if delivery.webSocket != nil { self.hand(delivery, to: channel.webSockets, cost: 1, &left, now: now) }
        }
        if parcel.counts != nil { self.counts.append(loop.counters.delivered - before) }
    }

    private func hand(
        _ delivery: Delivery,
        to subscriptions: ContiguousArray<Subscription<HeldMember>>,
        cost: Int,
        _ left: inout Int,
        now: EngineTime
    ) {
        guard !subscriptions.isEmpty else { return }
        guard self.crowds.isEmpty, subscriptions.count * cost <= max(left, cost) else {
            return self.crowds.append(Crowd(delivery: delivery, subscriptions: subscriptions, cost: cost))
        }
        left -= subscriptions.count * cost
        for subscription in subscriptions where subscription.isActive {
            subscription.member.deliver(delivery, slot: subscription.slot, now: now)
        }
    }

    /// Goes on with an item that is for more than get it in a turn.
    private func serve(
        _ left: inout Int,
        _ parcel: DeliveryInbox.Parcel,
        on loop: ProxyLoop,
        now: EngineTime
    ) {
        guard var crowd = self.crowds.first else { return }
        let before = loop.counters.delivered
        let end = min(crowd.subscriptions.count, crowd.index + max(1, left / crowd.cost))
        for subscription in crowd.subscriptions[crowd.index..<end] where subscription.isActive {
            subscription.member.deliver(crowd.delivery, slot: subscription.slot, now: now)
        }
        left -= (end - crowd.index) * crowd.cost
        crowd.index = end
        if end < crowd.subscriptions.count { self.crowds[0] = crowd } else { self.crowds.removeFirst() }
        guard parcel.counts != nil, let last = self.counts.indices.last else { return }
        self.counts[last] += loop.counters.delivered - before
    }
}
