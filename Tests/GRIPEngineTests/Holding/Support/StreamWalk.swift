import GRIP
import GRIPEngine
import NIOCore
import Testing

/// A held stream to which everything happens at random, with an origin that has all items and a client that counts.
struct StreamWalk {
    final class Member {}

    private enum Link: Equatable {
        case none
        case fetching
        case waitingToRetry
    }

    let position: WalkPosition
    private(set) var tally: [String: Int] = [:]
    private var random: SplitMix64
    private var hold: StreamHold
    private var now = EngineTime(milliseconds: 0)
    private var items = OrderedItems()
    private var received = ReceivedItems()
    private var freeCount = 0

    private var registry = SubscriptionRegistry<Member>()
    private let member = Member()
    private var subscriptions: [Subscription<Member>] = []

    private var link = Link.none
    private var fetch: StreamHold.Fetch?
    private var page: HoldPage?
    private var failures = 0
    /// Whether the origin does not answer for as long as the walk goes.
    private let isOriginAway: Bool
    private var wantsUpdate = false
    private(set) var isOver = false

    init(random: SplitMix64, position: WalkPosition) {
        self.random = random
        self.position = position
        self.isOriginAway = Int.random(in: 0..<4, using: &self.random) == 0
        let channels: [HeldChannel] = [.channel("a", after: "0"), .channel("f"), .channel("b", after: "0")]
        let terms = Self.terms(using: &self.random)
        self.hold = StreamHold(channels: channels, terms: terms, waitingLimit: 6, now: self.now)
        self.subscribe(to: channels)
        let isHolding = self.chance(80)
        self.perform(
            self.hold.begin(
                isHolding: isHolding,
                catchUp: self.chance(20) ? .ask : .inOrder,
                now: self.now,
                random: self.number()
            )
        )
        self.position.check(isHolding || self.link == .fetching, "without a hold the next link is not followed")
    }

    /// Hands the generator on to the next walk.
    var generator: SplitMix64 { self.random }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    private mutating func number() -> Double { Double.random(in: 0..<1, using: &self.random) }

    private mutating func count(_ what: String) { self.tally[what, default: 0] += 1 }

    private static func terms(hasLink: Bool = true, using random: inout SplitMix64) -> HoldTerms {
        let path = "/\(Int.random(in: 0..<5, using: &random))"
        let timeout = Duration.seconds(Int.random(in: 0...8, using: &random))
        var terms = HoldTerms.terms(next: hasLink ? path : nil, timeout: timeout)
        if Bool.random(using: &random) {
            terms.keepAlive = GRIPKeepAlive(
                unchecked: "k;",
                seconds: Int.random(in: 1...5, using: &random),
                mode: Bool.random(using: &random) ? .idle : .interval
            )
        }
        return terms
    }

    // MARK: What happens

    mutating func step() {
        self.position.step += 1
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<22: _ = self.items.publish(on: self.channel(), isLost: self.chance(8))
        case 22..<46: self.arrive()
        case 46..<54: self.publishFreely()
        case 54..<57: self.publishOther()
        case 57..<66: self.answer()
        case 66..<69: self.fail()
        case 69..<81: if self.wantsUpdate || self.chance(3) { self.update() }
        case 81 where self.chance(4): self.end(.ended(.shutDown))
        default: self.letTimePass()
        }
        self.checkState()
    }

    private mutating func channel() -> String { OrderedItems.channels.randomElement(using: &self.random) ?? "a" }

    private mutating func arrive() {
        guard let (channel, number) = self.items.arrival(using: &self.random) else { return }
        self.deliver(OrderedItems.delivery(channel, number))
    }

    private mutating func publishFreely() {
        self.freeCount += 1
        let channel = self.chance(70) ? "f" : "g"
        self.deliver(Delivery(.httpStream(OrderedItems.token(channel, self.freeCount)), on: channel))
    }

    private mutating func publishOther() {
        let format: GRIPFormat =
            switch Int.random(in: 0..<12, using: &self.random) {
            case 0: .httpStreamClose
            case 1..<5: .httpStreamRefresh
            case 5..<7: .httpResponse("x")
            default: .httpStreamHint
            }
        self.deliver(Delivery(format, on: self.chance(50) ? "f" : "a"))
    }

    /// The origin makes the page, or the page arrives.
    private mutating func answer() {
        guard self.link == .fetching, let fetch = self.fetch else { return }
        guard !self.isOriginAway else { return self.fail() }
        if self.page == nil {
            let isComplete = self.chance(60)
            self.page = self.makePage(for: fetch, isComplete: isComplete)
            // It may be under way for a while.
            if self.chance(50) { return }
        }
        guard let page = self.page else { return }
        self.take(page)
    }

    private mutating func take(_ page: HoldPage) {
        (self.link, self.fetch, self.page, self.failures) = (.none, nil, nil, 0)
        self.perform(self.hold.receive(page, now: self.now, random: self.number()))
        switch page.continuation {
        case .follow: self.position.check(self.link == .fetching, "the next page is not fetched")
        case .end: self.position.check(self.isOver, "the last page does not end the stream")
        case .hold: self.position.check(self.link == .none, "another page is fetched at once")
        }
        self.count("page \(page.continuation)")
    }

    private mutating func makePage(for fetch: StreamHold.Fetch, isComplete: Bool) -> HoldPage {
        var channels: [HeldChannel] = []
        var body = ""
        for lastID in fetch.lastIDs {
            let first = Int(lastID.id) ?? 0
            let last = self.items.last[lastID.channel, default: 0]
            let end = isComplete ? last : Int.random(in: first...max(first, last), using: &self.random)
            body += OrderedItems.tokens(lastID.channel, after: first, through: end)
            channels.append(.channel(lastID.channel, after: "\(end)"))
        }
        for free in ["f", "g"] where self.chance(70) {
            channels.insert(.channel(free), at: Int.random(in: 0...channels.count, using: &self.random))
        }
        let isLast = self.chance(1)
        let hasLink = !isLast && !self.chance(2)
        let continuation: HoldPage.Continuation =
            isLast ? .end : isComplete || !hasLink || self.chance(50) ? .hold : .follow
        return HoldPage(
            continuation: continuation,
            channels: channels,
            terms: Self.terms(hasLink: hasLink, using: &self.random),
            body: ByteBuffer(string: body)
        )
    }

    private mutating func fail() {
        guard self.link == .fetching else { return }
        self.page = nil
        self.failures += 1
        self.link = .waitingToRetry
        let ends = self.tally["end closed", default: 0]
        self.perform(self.hold.fetchFailed("away", now: self.now, random: self.number()))
        // A close that waited may end it before.
        self.position.check(self.isOver || self.failures < 6, "\(self.failures) failures")
        self.position.check(
            !self.isOver || self.failures == 6 || self.tally["end closed", default: 0] > ends,
            "\(self.failures) failures"
        )
        self.count("failure")
    }

    private mutating func update() {
        self.wantsUpdate = false
        let isIdle = self.link == .none && !self.isOver
        let hasLink = self.hold.terms.nextLink != nil
        self.perform(self.hold.update(now: self.now))
        self.position.check(!isIdle || !hasLink || self.link == .fetching, "nothing is fetched")
    }

    private mutating func letTimePass() {
        if self.chance(40), let deadline = self.hold.nextDeadline { self.now = max(self.now, deadline) }
        self.now = self.now + .milliseconds(Int.random(in: 0...800, using: &self.random))
        self.wake()
    }

    private mutating func wake() {
        self.perform(self.hold.wake(at: self.now, random: self.number()))
        // Otherwise a timer would fire again and again.
        self.position.check(self.hold.nextDeadline.map { $0 > self.now } ?? true, "it is woken in vain")
    }

    private mutating func end(_ reason: StreamHold.EndReason) {
        let wasOver = self.isOver
        let actions = self.hold.end(reason)
        self.position.check(actions == (wasOver ? [] : [.end(reason)]), "\(actions)")
        self.perform(actions)
    }

    // MARK: What comes of it

    private mutating func deliver(_ delivery: Delivery) {
        // The stream is not subscribed to all channels all the time.
        guard let subscription = self.subscriptions.first(where: { $0.channel.name == delivery.channel }) else {
            return
        }
        let wasFollowing = self.link != .none
        let reaction = self.hold.receive(delivery, slot: subscription.slot, now: self.now)
        self.position.check(!self.isOver || reaction == .skip, "\(reaction) after the end")
        switch reaction {
        case .write:
            self.position.check(self.link != .fetching, "an item is written before the page")
            self.write(delivery.streamContent)
        case .wait, .overflow: self.position.check(wasFollowing, "\(reaction) without a page to wait for")
        case .end: self.finish()
        case .recover(let channel):
            self.position.check(channel == delivery.channel && !wasFollowing, "\(channel) is recovered")
            self.wantsUpdate = true
        case .follow: self.update()
        case .writeInstead, .failed: self.position.check(false, "there are no filters")
        case .skip: break
        }
        self.count("\(reaction)".prefix { $0 != "(" }.description)
    }

    private mutating func perform(_ actions: [StreamHold.Action]) {
        for action in actions {
            self.position.check(!self.isOver, "\(action) after the end")
            switch action {
            case .write(let bytes): self.write(bytes)
            case .deliver(let delivery, let content):
                self.position.check(content == nil, "there are no filters")
                self.write(delivery.streamContent)
                self.count("deliver")
            case .requestUpdate(let isUrgent):
                self.position.check(!isUrgent, "nobody has to wait for others")
                self.wantsUpdate = true
                self.count("update")
            case .fetch(let fetch): self.begin(fetch)
            case .subscribe(let channels): self.subscribe(to: channels)
            case .filterFailed: self.position.check(false, "there are no filters")
            case .slowedDown: self.count("slowed")
            case .end(let reason):
                self.finish()
                self.count("end \("\(reason)".prefix { $0 != "(" })")
            }
        }
    }

    private mutating func begin(_ fetch: StreamHold.Fetch) {
        self.position.check(self.link != .fetching, "two pages at once")
        // The items that came meanwhile may have brought the client further.
        self.position.check(self.link != .waitingToRetry || fetch.uri == self.fetch?.uri, "another page is fetched")
        for lastID in fetch.lastIDs {
            self.position.check(lastID.id == "\(self.received[lastID.channel])", "\(lastID) is not what the client has")
        }
        self.position.check(fetch.lastIDs.count == 2, "\(fetch.lastIDs)")
        self.link = .fetching
        self.fetch = fetch
        self.count("fetch")
    }

    private mutating func write(_ bytes: ByteBuffer) {
        self.position.check(bytes.readableBytes > 0, "nothing is written")
        if let wrong = self.received.receive(String(buffer: bytes)) { self.position.check(false, wrong) }
    }

    private mutating func subscribe(to channels: [HeldChannel]) {
        for subscription in self.subscriptions { _ = self.registry.unsubscribe(subscription) }
        self.subscriptions = channels.enumerated().map { slot, channel in
            self.registry.subscribe(self.member, to: channel.name, kind: .stream, slot: slot).subscription
        }
    }

    private mutating func finish() {
        self.position.check(!self.isOver, "it ends twice")
        self.isOver = true
        self.link = .none
        for subscription in self.subscriptions { _ = self.registry.unsubscribe(subscription) }
    }

    private mutating func checkState() {
        self.position.check(self.hold.isEnded == self.isOver, "the hold has ended, but nobody was told")
        self.position.check(self.registry.count == (self.isOver ? 0 : self.hold.channels.count), "subscriptions")
        for subscription in self.subscriptions where !self.isOver {
            let slots = self.hold.channels.indices
            self.position.check(slots.contains(subscription.slot), "there is no slot \(subscription.slot)")
        }
        self.position.check(
            (self.hold.nextDeadline == nil) || (!self.isOver && self.link != .fetching),
            "a timer is left"
        )
    }

    /// Lets the origin be there for once, after which the client has all, and then ends the stream.
    mutating func drain() {
        if !self.isOver, self.hold.terms.nextLink != nil {
            for channel in OrderedItems.channels {
                self.deliver(OrderedItems.delivery(channel, self.items.publish(on: channel, isLost: true)))
            }
            for _ in 0..<20 where !self.isOver && (self.link != .none || self.wantsUpdate) { self.recover() }
            for channel in OrderedItems.channels where !self.isOver {
                let last = self.items.last[channel]
                self.position.check(self.received[channel] == last, "\(channel)\(last ?? 0) does not come")
            }
            self.count("drained")
        }
        self.end(.ended(.shutDown))
        for _ in 0..<5 {
            self.perform(self.hold.update(now: self.now) + self.hold.wake(at: self.now + .seconds(1000), random: 0))
            self.perform(self.hold.fetchFailed("late", now: self.now, random: 0))
            self.arrive()
            self.end(.lastPage)
        }
        self.checkState()
    }

    private mutating func recover() {
        switch self.link {
        case .fetching:
            guard let fetch = self.fetch else { return }
            var page = self.makePage(for: fetch, isComplete: true)
            page.continuation = .hold
            page.terms = Self.terms(using: &self.random)
            self.take(page)
        case .waitingToRetry:
            self.now = max(self.now, self.hold.nextDeadline ?? self.now)
            self.wake()
        case .none: self.update()
        }
    }
}
