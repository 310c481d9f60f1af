import GRIP
import GRIPEngine
import NIOCore

/// A held stream with a clock that only moves when it is told to, and with lines for what it does.
struct StreamConversation {
    var hold: StreamHold
    var milliseconds: Int64 = 0
    /// The number from 0 to 1 that the hold gets as a random one.
    var random = 0.0

    var now: EngineTime { EngineTime(milliseconds: self.milliseconds) }

    init(
        _ channels: [HeldChannel],
        terms: HoldTerms = .terms(),
        waitingLimit: Int = 100
    ) {
        self.hold = StreamHold(
            channels: channels,
            terms: terms,
            waitingLimit: waitingLimit,
            now: EngineTime(milliseconds: 0)
        )
    }

    /// A stream that has begun to hold.
    static func holding(
        _ channels: [HeldChannel],
        terms: HoldTerms = .terms(),
        waitingLimit: Int = 100
    ) -> StreamConversation {
        var conversation = StreamConversation(channels, terms: terms, waitingLimit: waitingLimit)
        _ = conversation.begin()
        return conversation
    }

    /// A stream that has begun to hold and fetches a page.
    static func following(
        _ channels: [HeldChannel],
        terms: HoldTerms = .terms(next: "/next"),
        waitingLimit: Int = 100
    ) -> StreamConversation {
        var conversation = StreamConversation.holding(channels, terms: terms, waitingLimit: waitingLimit)
        _ = conversation.update()
        return conversation
    }

    mutating func begin(isHolding: Bool = true, catchUp: CatchUp = .inOrder) -> [String] {
        self.hold.begin(
            isHolding: isHolding,
            catchUp: catchUp,
            now: self.now,
            random: self.random
        ).map(\.line)
    }

    /// Publishes to everybody on a channel, where the stream is only if it has the channel.
    mutating func publish(
        _ format: GRIPFormat,
        on channel: String = "c",
        id: String? = nil,
        after previousID: String? = nil,
        sender: String? = nil
    ) -> [String] {
        guard let slot = self.hold.channels.firstIndex(where: { $0.name == channel }) else { return [] }
        let delivery = Delivery(format, on: channel, id: id, after: previousID, sender: sender)
        return self.hold.receive(delivery, slot: slot, now: self.now).lines(delivery)
    }

    mutating func publish(
        _ text: String,
        on channel: String = "c",
        id: String? = nil,
        after previousID: String? = nil,
        sender: String? = nil
    ) -> [String] {
        self.publish(.httpStream(text), on: channel, id: id, after: previousID, sender: sender)
    }

    mutating func update() -> [String] { self.hold.update(now: self.now).map(\.line) }

    /// The page that was fetched comes.
    mutating func page(
        _ body: String,
        _ channels: [HeldChannel],
        _ continuation: HoldPage.Continuation = .hold,
        terms: HoldTerms = .terms(next: "/next")
    ) -> [String] {
        let page = HoldPage(
            continuation: continuation,
            channels: channels,
            terms: terms,
            body: ByteBuffer(string: body)
        )
        return self.hold.receive(page, now: self.now, random: self.random).map(\.line)
    }

    mutating func failFetch() -> [String] {
        self.hold.fetchFailed("no page", now: self.now, random: self.random).map(\.line)
    }

    mutating func end(_ reason: StreamHold.EndReason) -> [String] { self.hold.end(reason).map(\.line) }

    /// Lets time pass, and wakes the hold whenever it wants to be.
    mutating func wait(_ duration: Int64) -> [String] {
        let end = self.milliseconds + duration
        var lines: [String] = []
        while let deadline = self.hold.nextDeadline, deadline.milliseconds <= end {
            self.milliseconds = max(self.milliseconds, deadline.milliseconds)
            lines += self.hold.wake(at: self.now, random: self.random).map { "\(self.milliseconds) \($0.line)" }
            guard lines.count < 1000 else { break }
        }
        self.milliseconds = end
        return lines
    }
}

extension StreamHold.Action {
    var line: String {
        switch self {
        case .write(let bytes): "client < \(bytes.latin1)"
        case .requestUpdate(let isUrgent): isUrgent ? "update now" : "update"
        case .fetch(let fetch): (["GET \(fetch.uri.path)"] + fetch.lastIDs.map(\.line)).joined(separator: " ")
        case .subscribe(let channels): (["subscribe"] + channels.map(\.line)).joined(separator: " ")
        case .deliver(let delivery, let content): "client < \((content ?? delivery.streamContent).latin1)"
        case .filterFailed: "filter failed"
        case .slowedDown(let pages): "slowed down after \(pages) pages"
        case .end(.ended(let end)): "end: \(end)"
        case .end(let reason): "end: \(reason)"
        }
    }
}

extension StreamHold.Reaction {
    fileprivate func lines(_ delivery: Delivery) -> [String] {
        switch self {
        case .write: ["client < \(delivery.streamContent.latin1)"]
        case .writeInstead(let content): ["client < \(content.latin1)"]
        case .skip: []
        case .wait: ["wait"]
        case .end: ["end"]
        case .recover(let channel): ["recover \(channel)"]
        case .follow: ["follow"]
        case .failed: ["filter failed"]
        case .overflow: ["overflow"]
        }
    }
}

extension HeldChannel {
    fileprivate var line: String { self.previousID.map { "\(self.name)=\($0)" } ?? self.name }
}

extension HeaderPolicy.LastID {
    fileprivate var line: String { "\(self.channel)=\(self.id)" }
}
