import GRIPEngine
import HTTPTypes
import NIOCore

/// A response without an end that gets the items of its channels.
final class HeldStream: HeldMember, HeldResponseBody {
    private var hold: StreamHold
    private let driver: ExchangeDriver
    private let links: LinkContext?
    private let gone: GoneLink?
    private var fetch: LinkFetch?
    /// A page that is fetched when the client has taken what there is.
    private var nextFetch: StreamHold.Fetch?

    init(_ hold: StreamHold, driver: ExchangeDriver, links: LinkContext?, gone: GoneLink?) {
        self.hold = hold
        self.driver = driver
        self.links = links
        self.gone = gone
        super.init(id: driver.owner.id, loop: driver.loop, kind: .stream)
    }

    override var meta: [String: String] { self.hold.terms.meta }

    private var sink: any ResponseSink { self.driver.sink }

    // MARK: Beginning

    /// Subscribes, then shows the client the beginning: whoever publishes after that is heard.
    func begin(_ start: HoldStart) {
        self.loop.counters.holdsBegun[self.kind] += 1
        let catchUp = self.subscribe(to: start.channels)
        if !start.hasBegun { self.sink.begin(start.head, .untilEnd) }
        self.sink.write(start.body)
        self.perform(
            self.hold.begin(
                isHolding: start.mode == .stream,
                catchUp: catchUp,
                now: self.loop.now,
                random: self.loop.random()
            )
        )
        self.sink.flush()
        self.driver.owner.reschedule()
    }

    // MARK: Items

    override func deliver(_ delivery: Delivery, slot: Int, now: EngineTime) {
        switch self.hold.receive(delivery, slot: slot, now: now) {
        case .write: self.write(delivery)
        case .writeInstead(let content): self.write(content)
        case .skip, .wait: break
        case .end: self.finish(.complete)
        case .recover(let channel):
            self.loop.forgetLastID(of: channel)
            self.loop.scheduleUpdate(of: self)
        case .follow: self.update(now: now)
        case .failed(let reason): self.loop.logFilterFailure(reason, channel: delivery.channel)
        case .overflow: self.loop.overflowed(self, bytes: delivery.streamContent.readableBytes)
        }
    }

    private func write(_ delivery: Delivery) {
        guard self.hasRoom(for: delivery.streamContent.readableBytes) else { return }
        self.sink.write(delivery)
        self.written()
    }

    private func write(_ content: ByteBuffer) {
        guard self.hasRoom(for: content.readableBytes) else { return }
        self.sink.write(content)
        self.written()
    }

    private func written() {
        self.loop.counters.delivered[self.kind] += 1
        self.loop.flushes.add(self)
    }

    /// Whether the client keeps up.
    ///
    /// One that does not is closed or misses the item, as configured.
    private func hasRoom(for byteCount: Int) -> Bool {
        if self.fits(byteCount) { return true }
        // What waits for this proxy alone is no fault of the client's.
        if self.needsFlush {
            self.flush()
            if self.fits(byteCount) { return true }
        }
        self.loop.overflowed(self, bytes: byteCount)
        return false
    }

    private func fits(_ byteCount: Int) -> Bool {
        if self.sink.isWritable, !self.sink.hasManyWrites { return true }
        return self.sink.pendingByteCount + byteCount <= self.loop.limits.queuedBytes
    }

    override func flush() { self.sink.flush() }

    // MARK: Links

    override func update(now: EngineTime) {
        self.perform(self.hold.update(now: now))
        self.driver.owner.reschedule()
    }

    private func perform(_ actions: [StreamHold.Action]) {
        for action in actions {
            switch action {
            case .write(let bytes):
                self.sink.write(bytes)
                self.loop.flushes.add(self)
            case .deliver(let delivery, nil): self.write(delivery)
            case .deliver(_, let content?): self.write(content)
            case .filterFailed(let reason): self.loop.logFilterFailure(reason, channel: "")
            case .slowedDown(let count):
                self.loop.pagesSlowedDown(count, for: self.driver.request, route: self.links?.route)
            case .requestUpdate(let isUrgent):
                if isUrgent { self.update(now: self.loop.now) } else { self.loop.scheduleUpdate(of: self) }
            case .fetch(let fetch): self.fetch(fetch)
            case .subscribe(let channels): self.subscribe(to: channels)
            case .end(let reason):
                self.loop.log(reason, for: self.driver.request, route: self.links?.route)
                self.finish(reason.connectionEnd)
            }
        }
    }

    private func fetch(_ fetch: StreamHold.Fetch) {
        guard let links = self.links else { return }
        // Pages would pile up for a client that does not read.
        guard self.sink.isWritable else { return self.nextFetch = fetch }
        self.fetch = self.loop.links.fetch(fetch, in: links) { [weak self] result in
            guard let self else { return }
            self.fetch = nil
            let now = self.loop.now
            switch result {
            case .success(let page):
                self.loop.leftOut(page.leftOut, of: self.driver.owner)
                self.perform(self.hold.receive(page, now: now, random: self.loop.random()))
            case .failure(.later(let reason)):
                self.perform(self.hold.fetchFailed(reason, now: now, random: self.loop.random()))
            case .failure(.never(let reason)):
                self.perform(self.hold.end(.linkFailed(reason)))
            }
            self.driver.owner.reschedule()
        }
    }

    /// Learns whether the client takes more.
    func writabilityChanged(_ isWritable: Bool) {
        guard isWritable, let fetch = self.nextFetch.take() else { return }
        self.fetch(fetch)
    }

    // MARK: Time

    var nextDeadline: EngineTime? { self.hold.nextDeadline }

    func wake(at now: EngineTime) {
        self.perform(self.hold.wake(at: now, random: self.loop.random()))
        self.sink.flush()
    }

    // MARK: Ending

    private func finish(_ end: ConnectionEnd) {
        self.leave(end)
        self.driver.endStream()
    }

    private func leave(_ end: ConnectionEnd) {
        self.unsubscribeAll(end)
        self.fetch?.cancel()
        self.fetch = nil
        self.nextFetch = nil
        self.loop.counters.holdsEnded[self.kind] += 1
        self.gone.map(self.loop.follow)
    }

    func clientLost(_ end: ConnectionEnd) {
        guard !self.hold.isEnded else { return }
        _ = self.hold.end(.ended(end))
        self.leave(end)
    }

    func shutDown(_ end: ConnectionEnd) { self.perform(self.hold.end(.ended(end))) }
}
