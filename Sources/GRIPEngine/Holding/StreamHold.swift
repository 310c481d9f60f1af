import GRIP
package import NIOCore

/// A response without an end (`Grip-Hold: stream`), and one that is put together from pages.
///
/// The head and the first part of the body are out when this begins. It goes from following its next link to holding and
/// back until it ends:
///
///     following ⇄ holding → ended
package struct StreamHold: Sendable {
    /// What an item means for the client.
    package enum Reaction: Sendable, Hashable {
        /// The item is written as every stream gets it.
        case write
        /// Something else is written in its place.
        case writeInstead(ByteBuffer)
        /// Nothing is written.
        case skip
        /// It waits until the page that is being fetched has come.
        case wait
        /// The stream ends.
        case end
        /// Items are missing: the next link is to be followed.
        ///
        /// The last id of the channel is no longer known.
        case recover(channel: String)
        /// The next link is to be followed at once.
        case follow
        /// A filter could not be applied, so nothing is written.
        case failed(String)
        /// Too many items wait, so it is lost.
        case overflow
    }

    package enum Action: Sendable, Hashable {
        case write(ByteBuffer)
        /// The next link is to be followed when the others that want the same have gathered, or at once.
        case requestUpdate(isUrgent: Bool)
        /// The page is to be fetched now.
        case fetch(Fetch)
        /// These are the channels from now on, in this order.
        case subscribe([HeldChannel])
        /// An item that waited is to be written.
        case deliver(Delivery, instead: ByteBuffer?)
        /// An item that waited could not be filtered.
        case filterFailed(String)
        /// So many pages have followed each other without a hold that each further one waits a little.
        case slowedDown(pages: Int)
        case end(EndReason)
    }

    package struct Fetch: Sendable, Hashable {
        package var target: LinkTarget
        package var uri: URIReference
        package var lastIDs: [HeaderPolicy.LastID]
    }

    package enum EndReason: Sendable, Hashable {
        /// A publisher said so.
        case closed
        /// The last page has no next link and no hold.
        case lastPage
        /// A channel has a prev-id, but there is no next link to recover by.
        case noNextLink(channel: String)
        /// The next link could not be followed.
        case linkFailed(String)
        /// So many pages followed each other without a hold.
        case tooManyPages(Int)
        /// This side has ended it, or the client is gone.
        case ended(ConnectionEnd)

        /// The same for the connection.
        package var connectionEnd: ConnectionEnd {
            switch self {
            case .closed, .lastPage: .complete
            case .noNextLink, .linkFailed, .tooManyPages: .originFailed
            case .ended(let end): end
            }
        }
    }

    private enum State: Sendable, Hashable {
        case holding
        case following(attempt: Int)
        /// Until the deadline.
        case waitingToRetry(attempt: Int)
        /// Until the deadline, because very many pages have followed each other.
        case pausing
        case ended
    }

    /// What next links may do.
    package struct LinkLimits: Sendable, Hashable {
        /// After how many failures in a row the stream ends.
        package var failures: UInt16
        /// How many pages may follow each other without a hold.
        package var pages: UInt32

        package init(failures: UInt16 = 6, pages: UInt32 = 1000) {
            self.failures = failures
            self.pages = pages
        }
    }

    /// How many pages follow each other as fast as they come.
    package static let unpausedPages = 100
    /// How long the next page waits beyond that.
    package static let pagePause: Duration = .milliseconds(100)

    private var state = State.holding
    package private(set) var channels: [HeldChannel]
    /// Nothing where the origin said nothing, as for most streams.
    private var storedTerms: Boxed<HoldTerms>?
    private var waiting: [Delivery] = []
    private let waitingLimit: Int
    private let linkLimits: LinkLimits
    /// How many pages have followed each other without a hold.
    private var pageCount: UInt32 = 0
    /// Whether one more update was asked for while a page is being fetched.
    private var wantsUpdate = false
    private var lastWrite: EngineTime
    private var lastKeepAlive: EngineTime
    private var keepAlivePeriod: Duration?
    private var linkDeadline: EngineTime?
    private var retryDeadline: EngineTime?

    /// Makes a hold.
    ///
    /// - Parameters:
    ///   - channels: The channels, without those over the limit.
    ///   - terms: What else the origin said.
    ///   - waitingLimit: How many items may wait for a page.
    ///   - linkLimits: What next links may do.
    ///   - now: The time.
    package init(
        channels: [HeldChannel],
        terms: HoldTerms,
        waitingLimit: Int,
        linkLimits: LinkLimits = LinkLimits(),
        now: EngineTime
    ) {
        self.channels = channels
        self.storedTerms = terms == HoldTerms() ? nil : .value(terms)
        self.waitingLimit = waitingLimit
        self.linkLimits = linkLimits
        self.lastWrite = now
        self.lastKeepAlive = now
    }

    package var isEnded: Bool { self.state == .ended }

    package private(set) var terms: HoldTerms {
        get { self.storedTerms?.value ?? HoldTerms() }
        set { self.storedTerms = newValue == HoldTerms() ? nil : .value(newValue) }
    }

    private var isHolding: Bool { self.state == .holding }

    // MARK: Beginning

    /// Begins after the first part of the body.
    ///
    /// - Parameters:
    ///   - isHolding: Whether the origin said to hold; without, the next link is followed.
    ///   - catchUp: What has been published since the origin looked.
    ///   - random: A number from 0 to 1 for the time of keep-alives.
    /// - Returns: What is to be done.
    package mutating func begin(
        isHolding: Bool,
        catchUp: CatchUp,
        now: EngineTime,
        random: Double
    ) -> [Action] {
        guard isHolding else { return self.follow(now: now) }
        if let channel = self.channels.first(where: { $0.previousID != nil }), self.terms.nextLink == nil {
            return self.end(.noNextLink(channel: channel.localName))
        }
        self.hold(now: now, random: random)
        switch catchUp {
        case .inOrder: return []
        case .ask: return [.requestUpdate(isUrgent: false)]
        case .items(let deliveries):
            self.waiting = deliveries
            return self.release(now: now)
        }
    }

    private mutating func hold(now: EngineTime, random: Double) {
        self.state = .holding
        self.pageCount = 0
        self.lastWrite = now
        self.lastKeepAlive = now
        self.linkDeadline = self.terms.nextLink.map { now + $0.timeout }
        self.keepAlivePeriod = self.terms.keepAlive.map { $0.timeout - .milliseconds(Int(random * 1000)) }
        for index in self.channels.indices { self.channels[index].isFed = false }
    }

    // MARK: Items

    /// Decides what an item means.
    ///
    /// - Parameters:
    ///   - delivery: The item.
    ///   - slot: The index of its channel.
    ///   - now: The time.
    package mutating func receive(_ delivery: Delivery, slot: Int, now: EngineTime) -> Reaction {
        switch self.state {
        case .ended: return .skip
        case .following, .pausing: return self.keep(delivery, slot: slot)
        case .waitingToRetry:
            // What follows what the client has need not wait for a page that may never come.
            guard self.follows(delivery, slot: slot) else { return self.keep(delivery, slot: slot) }
            return self.take(delivery, slot: slot, now: now)
        case .holding: return self.take(delivery, slot: slot, now: now)
        }
    }

    /// Whether an item is the next of its channel, and none of that waits.
    private func follows(_ delivery: Delivery, slot: Int) -> Bool {
        guard let action = delivery.stream?.action, action != .refresh, action != .hint,
            self.channels.indices.contains(slot),
            !self.waiting.contains(where: { $0.channel.hasSameBytes(as: delivery.channel) })
        else { return false }
        guard let previousID = self.channels[slot].previousID else { return true }
        return delivery.item.previousID.isSameID(as: previousID)
    }

    private mutating func keep(_ delivery: Delivery, slot: Int) -> Reaction {
        guard let action = delivery.stream?.action, action != .refresh else { return .skip }
        guard self.waiting.count < self.waitingLimit else {
            guard self.channels.indices.contains(slot), self.channels[slot].previousID != nil else { return .overflow }
            // Another page will have it: a client is not to blame for an origin that is away.
            self.wantsUpdate = true
            return .skip
        }
        self.waiting.append(delivery)
        return .wait
    }

    private mutating func take(_ delivery: Delivery, slot: Int, now: EngineTime) -> Reaction {
        guard let stream = delivery.stream, self.channels.indices.contains(slot) else { return .skip }
        switch stream.action {
        case .refresh: return .skip
        case .hint:
            guard self.terms.nextLink != nil else { return .skip }
            return .follow
        case .send, .close: break
        }
        let previousID = self.channels[slot].previousID
        if let previousID {
            guard delivery.item.previousID.isSameID(as: previousID) else {
                return .recover(channel: delivery.channel)
            }
            self.channels[slot].previousID = delivery.item.id
        }
        self.channels[slot].isFed = true
        let filters = self.channels[slot].filters
        guard filters.matches(contentFilters: stream.contentFilters) else { return .skip }
        // Filters say for whom an item is, also one that ends streams.
        let outcome =
            filters.isEmpty
            ? .unchanged : filters.apply(to: delivery.streamContent, context: self.filterContext(for: delivery))
        switch outcome {
        case .dropped: return .skip
        case .failed(let reason):
            // The client does not have it, and the origin must not believe that it has.
            self.channels[slot].previousID = previousID
            return .failed(reason)
        case .unchanged where stream.action == .close, .replaced where stream.action == .close:
            self.state = .ended
            return .end
        case .unchanged: return self.write(delivery.streamContent, now: now) { _ in .write }
        case .replaced(let content): return self.write(content, now: now, Reaction.writeInstead)
        }
    }

    private mutating func write(
        _ content: ByteBuffer,
        now: EngineTime,
        _ reaction: (ByteBuffer) -> Reaction
    ) -> Reaction {
        guard content.readableBytes > 0 else { return .skip }
        self.lastWrite = now
        return reaction(content)
    }

    private func filterContext(for delivery: Delivery) -> FilterContext {
        let channels = self.channels
        return FilterContext(
            subscriptionMeta: self.terms.meta,
            publicationMeta: delivery.item.meta,
            channelIDs: channels.channelIDs,
            isSubscribed: { name in channels.contains { $0.localName == name } }
        )
    }

    // MARK: Pages

    /// Follows the next link, when the others that want the same have gathered or a publisher said so.
    package mutating func update(now: EngineTime) -> [Action] {
        switch self.state {
        case .holding: return self.terms.nextLink == nil ? [] : self.follow(now: now)
        case .following, .waitingToRetry, .pausing:
            self.wantsUpdate = true
            return []
        case .ended: return []
        }
    }

    private mutating func follow(now: EngineTime, attempt: Int = 0) -> [Action] {
        guard let link = self.terms.nextLink else { return self.end(.lastPage) }
        self.state = .following(attempt: attempt)
        self.linkDeadline = nil
        self.retryDeadline = nil
        return [.fetch(Fetch(target: link.target, uri: link.uri, lastIDs: self.channels.lastIDs))]
    }

    /// Follows the link of a page that does not hold.
    ///
    /// A link that leads round in a circle would otherwise ask the origin as fast as it answers, for ever.
    private mutating func followAgain(now: EngineTime) -> [Action] {
        self.pageCount += 1
        guard self.pageCount < self.linkLimits.pages else { return self.end(.tooManyPages(Int(self.pageCount))) }
        guard self.pageCount >= Self.unpausedPages, self.terms.nextLink != nil else { return self.follow(now: now) }
        self.state = .pausing
        self.retryDeadline = now + Self.pagePause
        return self.pageCount == Self.unpausedPages ? [.slowedDown(pages: Self.unpausedPages)] : []
    }

    /// Takes the page that was fetched.
    package mutating func receive(_ page: HoldPage, now: EngineTime, random: Double) -> [Action] {
        guard case .following = self.state else { return [] }
        self.channels = page.channels
        self.terms = page.terms
        var actions: [Action] = [.subscribe(page.channels)]
        if page.body.readableBytes > 0 { actions.append(.write(page.body)) }
        switch page.continuation {
        case .end: return actions + self.end(.lastPage)
        case .follow:
            self.wantsUpdate = false
            return actions + self.followAgain(now: now)
        case .hold:
            if let channel = self.channels.first(where: { $0.previousID != nil }), self.terms.nextLink == nil {
                return actions + self.end(.noNextLink(channel: channel.localName))
            }
            self.hold(now: now, random: random)
            return actions + self.release(now: now)
        }
    }

    /// What to do with the items that came while the page was fetched: those that the page has already are left out.
    private mutating func release(now: EngineTime) -> [Action] {
        var actions: [Action] = []
        let waiting = self.waiting
        self.waiting = []
        var isIncomplete = self.wantsUpdate
        self.wantsUpdate = false
        let ends = self.channels.map { channel in waiting.lastIndex { $0.isItem(channel.previousID, of: channel) } }
        for (index, delivery) in waiting.enumerated() where self.isHolding {
            guard let slot = self.channels.firstIndex(where: { $0.name.hasSameBytes(as: delivery.channel) }) else {
                continue
            }
            if let end = ends[slot], index <= end, case .send? = delivery.stream?.action { continue }
            switch self.take(delivery, slot: slot, now: now) {
            case .write: actions.append(.deliver(delivery, instead: nil))
            case .writeInstead(let content): actions.append(.deliver(delivery, instead: content))
            case .failed(let reason): actions.append(.filterFailed(reason))
            case .end: actions.append(.end(.closed))
            // It may be in the page, or the page may be older than the item before it. Asking again tells.
            case .recover, .follow: isIncomplete = true
            case .skip, .wait, .overflow: continue
            }
        }
        if isIncomplete, self.isHolding { actions.append(.requestUpdate(isUrgent: false)) }
        return actions
    }

    /// Learns that the page could not be fetched.
    ///
    /// - Parameter random: A number from 0 to 1 for the time of the next attempt.
    package mutating func fetchFailed(_ reason: String, now: EngineTime, random: Double) -> [Action] {
        guard case .following(let attempt) = self.state else { return [] }
        guard attempt + 1 < self.linkLimits.failures else { return self.end(.linkFailed(reason)) }
        self.state = .waitingToRetry(attempt: attempt + 1)
        // Twice as long each time, up to a minute.
        self.retryDeadline = now + .milliseconds(min(60_000, 1000 << min(attempt, 16)) + Int(random * 1000))
        return self.releaseFollowing(now: now)
    }

    /// What to do with the items that came while the page was fetched, now that there is none: those that follow what the
    /// client has need not wait for the next attempt.
    private mutating func releaseFollowing(now: EngineTime) -> [Action] {
        var actions: [Action] = []
        let waiting = self.waiting
        self.waiting = []
        for delivery in waiting where self.state != .ended {
            guard let slot = self.channels.firstIndex(where: { $0.name.hasSameBytes(as: delivery.channel) }),
                self.follows(delivery, slot: slot)
            else {
                self.waiting.append(delivery)
                continue
            }
            switch self.take(delivery, slot: slot, now: now) {
            case .write: actions.append(.deliver(delivery, instead: nil))
            case .writeInstead(let content): actions.append(.deliver(delivery, instead: content))
            case .failed(let reason): actions.append(.filterFailed(reason))
            case .end: actions.append(.end(.closed))
            case .recover, .follow, .skip, .wait, .overflow: continue
            }
        }
        if self.state == .ended { self.waiting = [] }
        return actions
    }

    // MARK: Time

    /// When it is to be woken.
    package var nextDeadline: EngineTime? {
        switch self.state {
        case .ended, .following: return nil
        case .waitingToRetry, .pausing: return self.retryDeadline
        case .holding:
            guard let keepAlive = self.keepAliveDeadline, let linkDeadline = self.linkDeadline else {
                return self.keepAliveDeadline ?? self.linkDeadline
            }
            return min(keepAlive, linkDeadline)
        }
    }

    private var keepAliveDeadline: EngineTime? {
        guard let keepAlive = self.terms.keepAlive, let period = self.keepAlivePeriod else { return nil }
        return (keepAlive.mode == .idle ? self.lastWrite : self.lastKeepAlive) + period
    }

    /// Does what is due.
    package mutating func wake(at now: EngineTime, random: Double) -> [Action] {
        switch self.state {
        case .ended, .following: return []
        case .waitingToRetry(let attempt):
            guard let retryDeadline, now >= retryDeadline else { return [] }
            return self.follow(now: now, attempt: attempt)
        case .pausing:
            guard let retryDeadline, now >= retryDeadline else { return [] }
            return self.follow(now: now)
        case .holding: return self.keepAlive(at: now, random: random) + self.checkLink(at: now)
        }
    }

    private mutating func keepAlive(at now: EngineTime, random: Double) -> [Action] {
        guard let keepAlive = self.terms.keepAlive, let deadline = self.keepAliveDeadline, now >= deadline else {
            return []
        }
        self.lastWrite = now
        self.lastKeepAlive = now
        self.keepAlivePeriod = keepAlive.timeout - .milliseconds(Int(random * 1000))
        return [.write(keepAlive.data)]
    }

    private mutating func checkLink(at now: EngineTime) -> [Action] {
        guard let linkDeadline, now >= linkDeadline, let link = self.terms.nextLink else { return [] }
        self.linkDeadline = now + max(link.timeout, .milliseconds(100))
        let isFed = !self.channels.isEmpty && self.channels.allSatisfy(\.isFed)
        for index in self.channels.indices { self.channels[index].isFed = false }
        return isFed ? [] : [.requestUpdate(isUrgent: false)]
    }

    // MARK: Ending

    /// Ends the stream from this side.
    package mutating func end(_ reason: EndReason) -> [Action] {
        guard self.state != .ended else { return [] }
        self.state = .ended
        self.waiting = []
        return [.end(reason)]
    }
}

extension Delivery {
    /// Whether it is the item of a channel with that id.
    fileprivate func isItem(_ id: String?, of channel: HeldChannel) -> Bool {
        id != nil && self.item.id.isSameID(as: id) && self.channel.hasSameBytes(as: channel.name)
    }
}
