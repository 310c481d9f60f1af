import GRIP
import GRIPEngine
import NIOCore

/// A long poll that waits for an item.
final class HeldResponse: HeldMember, HeldResponseBody {
    private var hold: ResponseHold
    private let driver: ExchangeDriver
    private let requestBody: [ByteBuffer]?
    private let gone: GoneLink?
    /// Whether the client is answered, asks again or is gone.
    ///
    /// The hold itself has ended before that when items are missing and the retry waits for its turn.
    private var isOver = false

    init(_ hold: ResponseHold, driver: ExchangeDriver, requestBody: [ByteBuffer]?, gone: GoneLink?) {
        self.hold = hold
        self.driver = driver
        self.requestBody = requestBody
        self.gone = gone
        super.init(id: driver.owner.id, loop: driver.loop, kind: .response)
    }

    override var meta: [String: String] { self.hold.meta }

    func begin() {
        self.loop.counters.holdsBegun[self.kind] += 1
        self.driver.owner.reschedule()
        switch self.subscribe(to: self.hold.channels) {
        case .inOrder: break
        case .ask: if !self.hold.isEnded { self.retry() }
        case .items(let deliveries): self.catchUp(with: deliveries)
        }
    }

    /// Takes what has been published since the origin looked: the first item that is for the client answers it.
    private func catchUp(with deliveries: [Delivery]) {
        let now = self.loop.now
        for delivery in deliveries where !self.isOver {
            guard let slot = self.hold.channels.firstIndex(where: { $0.name.hasSameBytes(as: delivery.channel) }) else {
                continue
            }
            self.deliver(delivery, slot: slot, now: now)
        }
    }

    override func deliver(_ delivery: Delivery, slot: Int, now: EngineTime) {
        switch self.hold.receive(delivery, slot: slot) {
        case .skip: break
        case .answer(let answer):
            self.loop.counters.delivered[self.kind] += 1
            self.finish(answer, .complete)
        case .retry: self.askAgain()
        case .recover(let channel):
            self.loop.forgetLastID(of: channel)
            self.loop.scheduleUpdate(of: self)
        case .failed(let reason): self.loop.logFilterFailure(reason, channel: delivery.channel)
        case .patchFailed(let reason):
            self.loop.logFilterFailure(reason, channel: delivery.channel)
            self.askAgain()
        }
    }

    /// Looks again because somebody may have published before the subscription.
    override func update(now: EngineTime) {
        self.retry()
    }

    private func retry() {
        guard !self.isOver else { return }
        _ = self.hold.end()
        self.askAgain()
    }

    private func askAgain() {
        self.unsubscribeAll(.complete)
        guard let body = self.requestBody else {
            // The request cannot be made again, so that the client has to.
            return self.end { self.driver.answerHeld(self.hold.held) }
        }
        self.end { self.driver.retry(lastIDs: self.hold.channels.lastIDs, body: body) }
    }

    private func finish(_ answer: ResponseHold.Answer, _ end: ConnectionEnd) {
        self.unsubscribeAll(end)
        self.end { self.driver.answerHeld(answer) }
    }

    private func end(_ finish: () -> Void) {
        self.isOver = true
        self.loop.counters.holdsEnded[self.kind] += 1
        self.gone.map(self.loop.follow)
        finish()
    }

    var nextDeadline: EngineTime? { self.hold.isEnded ? nil : self.hold.deadline }

    func wake(at now: EngineTime) {
        guard let answer = self.hold.wake(at: now) else { return }
        self.finish(answer, .complete)
    }

    func clientLost(_ end: ConnectionEnd) {
        guard !self.isOver else { return }
        _ = self.hold.end()
        self.unsubscribeAll(end)
        self.end {}
    }

    func shutDown(_ end: ConnectionEnd) {
        guard !self.isOver else { return }
        self.finish(self.hold.answer(ending: end), end)
    }
}
