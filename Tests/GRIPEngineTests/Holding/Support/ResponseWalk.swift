import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

/// A client that polls for ever, with an origin that has all items: what happens to its held responses is random.
struct ResponseWalk {
    private enum Phase {
        case holding
        /// Items are missing, and the turn to ask for them has not come.
        case waitingToRetry
        /// The client has not asked again.
        case idle
    }

    let position: WalkPosition
    private(set) var tally: [String: Int] = [:]
    private var random: SplitMix64
    private var hold: ResponseHold
    private var held = ResponseHold.Answer(head: HTTPResponse(status: .ok), body: ByteBuffer())
    private var phase = Phase.idle
    private var now = EngineTime(milliseconds: 0)
    private var deadline = EngineTime(milliseconds: 0)
    private var items = OrderedItems()
    private var received = ReceivedItems()
    private var freeCount = 0
    /// Requests of the client and answers to it.
    private var requestCount = 0
    private var answerCount = 0

    init(seed: UInt64) {
        self.random = SplitMix64(seed: seed)
        self.position = WalkPosition(seed: seed)
        self.hold = ResponseHold(self.held, channels: [], meta: [:], timeout: nil, now: self.now)
        _ = self.hold.end()
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    // MARK: What happens

    mutating func step() {
        self.position.step += 1
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<15: self.publish()
        case 15..<50: self.arrive()
        case 50..<58: self.publishFreely()
        case 58..<61: self.publishOther()
        case 61..<80: if self.phase == .idle { self.poll() } else if self.phase == .waitingToRetry { self.retry() }
        case 80..<82: self.leave()
        default: self.letTimePass()
        }
        self.position.check(self.hold.isEnded == (self.phase != .holding), "it has ended, but nobody was told")
        self.position.check(
            self.answerCount == self.requestCount - (self.phase == .idle ? 0 : 1),
            "\(self.requestCount) requests have \(self.answerCount) answers"
        )
    }

    private mutating func publish() {
        let channel = OrderedItems.channels.randomElement(using: &self.random) ?? "a"
        _ = self.items.publish(on: channel, isLost: self.chance(8))
    }

    private mutating func arrive() {
        guard let (channel, number) = self.items.arrival(using: &self.random) else { return }
        guard self.chance(8) else { return self.deliver(OrderedItems.delivery(channel, number)) }
        // One that does not fit.
        let patch = GRIPFormat.httpResponse(patching: GRIPJSONPatch(unchecked: [.null]))
        self.deliver(Delivery(patch, on: channel, id: "\(number)", after: "\(number - 1)"))
    }

    private mutating func publishFreely() {
        self.freeCount += 1
        // Not for those without a name.
        let text = self.chance(20) ? "%(name)s" : OrderedItems.token("f", self.freeCount)
        self.deliver(Delivery(.httpResponse(text), on: "f"))
    }

    private mutating func publishOther() {
        let formats: [GRIPFormat] = [.httpResponseHint, .httpResponseClose, .httpResponseRefresh, .httpStream("x")]
        let format = formats.randomElement(using: &self.random) ?? .httpResponseHint
        self.deliver(Delivery(format, on: self.chance(50) ? "f" : "a"))
    }

    private mutating func letTimePass() {
        if self.phase == .holding, self.chance(25) { self.now = max(self.now, self.deadline) }
        self.now = self.now + .milliseconds(Int.random(in: 0...900, using: &self.random))
        let answer = self.hold.wake(at: self.now)
        let isDue = self.phase == .holding && self.now >= self.deadline
        self.position.check(answer == (isDue ? self.held : nil), "\(String(describing: answer)) at \(self.now)")
        guard let answer else { return }
        self.count("timeout")
        self.take(answer)
    }

    /// The client goes, or the proxy shuts down.
    private mutating func leave() {
        let isHolding = self.phase == .holding
        if self.chance(50) {
            self.position.check(self.hold.end() == isHolding, "it ends twice")
        } else {
            self.position.check(self.hold.isEnded != isHolding, "it ends twice")
            let answer = self.hold.answer(ending: .shutDown)
            self.position.check(!isHolding || answer == self.held, "it is answered with something else")
        }
        guard self.phase != .idle else { return }
        self.phase = .idle
        self.answerCount += 1
        self.count("left")
    }

    // MARK: What comes of it

    private mutating func count(_ what: String) { self.tally[what, default: 0] += 1 }

    private mutating func deliver(_ delivery: Delivery) {
        guard let slot = self.hold.channels.firstIndex(where: { $0.name == delivery.channel }) else { return }
        let reaction = self.hold.receive(delivery, slot: slot)
        self.position.check(self.phase == .holding || reaction == .skip, "\(reaction) after the end")
        self.count("\(reaction)".prefix { $0 != "(" }.description)
        switch reaction {
        case .skip, .failed: break
        case .answer(let answer):
            self.position.check(answer.body != self.held.body, "an item is not the answer")
            self.take(answer)
        case .recover(let channel):
            self.position.check(channel == delivery.channel, "\(channel) is recovered")
            self.phase = .waitingToRetry
        case .retry, .patchFailed: self.retry()
        }
    }

    private mutating func take(_ answer: ResponseHold.Answer) {
        self.phase = .idle
        self.answerCount += 1
        if let wrong = self.received.receive(String(buffer: answer.body)) { self.position.check(false, wrong) }
        let fields = answer.head.headerFields
        self.position.check(fields == self.held.head.headerFields, "\(fields)")
    }

    /// The client asks the origin.
    private mutating func poll() {
        self.requestCount += 1
        self.ask()
    }

    /// The proxy asks the origin again, and says what the client has.
    private mutating func retry() {
        for lastID in self.hold.channels.lastIDs {
            self.position.check(lastID.id == "\(self.received[lastID.channel])", "\(lastID) is not what the client has")
        }
        _ = self.hold.end()
        self.ask()
    }

    private mutating func ask() {
        var news = ""
        for channel in OrderedItems.channels {
            let last = self.items.last[channel, default: 0]
            news += OrderedItems.tokens(channel, after: self.received[channel], through: last)
        }
        let timeout = Duration.seconds(Int.random(in: 0...9, using: &self.random))
        self.held = ResponseHold.Answer(
            head: HTTPResponse(status: .accepted, headerFields: [.eTag: "\(self.requestCount)"]),
            body: ""
        )
        guard news.isEmpty else {
            var answer = self.held
            answer.body = ByteBuffer(string: news)
            self.count("news")
            return self.take(answer)
        }
        var channels: [HeldChannel] = OrderedItems.channels.map { .channel($0, after: "\(self.received[$0])") }
        channels.insert(.channel("f", filters: [.substituteVariables]), at: Int.random(in: 0...2, using: &self.random))
        self.hold = ResponseHold(self.held, channels: channels, meta: [:], timeout: timeout, now: self.now)
        self.deadline = self.now + max(timeout, .seconds(5))
        self.position.check(self.hold.deadline == self.deadline, "\(self.hold.deadline)")
        self.phase = .holding
        self.count("hold")
    }
}
