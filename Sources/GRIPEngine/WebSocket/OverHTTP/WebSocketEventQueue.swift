import GRIP
import NIOCore

/// The events of one WebSocket that the origin has not accepted yet.
///
/// A request offers those at the head, and the answer says how much of their content is accepted. The rest stays where it
/// is, the first event shortened, and is offered again.
struct WebSocketEventQueue: Sendable {
    /// What became of the events that were offered.
    enum Settlement: Sendable, Hashable {
        /// All are accepted.
        case all
        /// Some are accepted, or a part of one.
        case some
        /// None is accepted.
        case nothing
        /// The number cannot be right.
        case invalid
    }

    /// What an event takes besides its content, so that empty ones count as well.
    static let eventOverhead = 32

    /// How many events may keep all that was read with them.
    private static let sharedCount = 8

    private(set) var events: [WebSocketEvent] = []
    /// What the events take in memory, in bytes.
    private(set) var size = 0
    /// How many events at the head were offered before.
    private(set) var offeredCount = 0
    /// How many bytes of their content are left.
    private(set) var replayedByteCount = 0
    private var inFlightCount = 0

    var isEmpty: Bool { self.events.isEmpty }

    /// Whether there is something that was never offered.
    var hasNews: Bool { self.events.count > self.offeredCount }

    /// Whether the client's or the proxy's own end of the conversation is waiting.
    var hasClose: Bool {
        if case .close = self.events.last { true } else { false }
    }

    mutating func append(_ event: WebSocketEvent) {
        // A few soon go out, and are not copied for that.
        self.events.append(self.events.count < Self.sharedCount ? event : event.alone)
        self.size += Self.size(of: event)
    }

    /// Chooses what the next request carries.
    mutating func offer(onlyOne: Bool) {
        self.inFlightCount = onlyOne ? min(1, self.events.count) : self.events.count
    }

    /// The body of the request, the same each time until it is settled.
    var offeredBody: ByteBuffer { WebSocketEvent.encode(self.events.prefix(self.inFlightCount)) }

    /// Removes what is accepted.
    ///
    /// An event without content is accepted with the content before it. A CLOSE can be accepted whole only.
    ///
    /// - Parameter byteCount: How much content the origin has accepted, or nothing where that is all.
    mutating func settle(accepting byteCount: Int?) -> Settlement {
        let offered = self.events.prefix(self.inFlightCount)
        let total = offered.reduce(0) { $0 + $1.contentByteCount }
        let accepted = byteCount ?? total
        let closeSize = offered.reduce(0) { if case .close = $1 { $0 + $1.contentByteCount } else { $0 } }
        let isWithinClose = accepted >= total - closeSize && accepted < total
        guard accepted <= total, !isWithinClose else { return .invalid }
        let offeredCount = offered.count
        var rest = accepted
        var count = 0
        for event in offered {
            guard event.contentByteCount <= rest else { break }
            rest -= event.contentByteCount
            count += 1
        }
        self.removeFirst(count)
        if rest > 0 { self.shortenFirst(by: rest) }
        self.inFlightCount = 0
        self.offeredCount = offeredCount - count
        self.replayedByteCount = total - accepted
        if self.offeredCount == 0 { return .all }
        return accepted > 0 || count > 0 ? .some : .nothing
    }

    /// Gives up what was offered and not accepted.
    mutating func discardOffered() {
        self.removeFirst(self.offeredCount)
        self.offeredCount = 0
        self.replayedByteCount = 0
    }

    mutating func removeAll() { self = WebSocketEventQueue() }

    private mutating func removeFirst(_ count: Int) {
        for event in self.events.prefix(count) { self.size -= Self.size(of: event) }
        self.events.removeFirst(count)
    }

    private mutating func shortenFirst(by byteCount: Int) {
        guard let first = self.events.first else { return }
        self.events[0] = first.dropping(byteCount)
        self.size -= byteCount
    }

    private static func size(of event: WebSocketEvent) -> Int { event.contentByteCount + self.eventOverhead }
}

extension WebSocketEvent {
    /// The same event without the first bytes of its content.
    fileprivate func dropping(_ byteCount: Int) -> WebSocketEvent {
        switch self {
        case .text(let content): .text(content.dropping(byteCount))
        case .binary(let content): .binary(content.dropping(byteCount))
        case .ping(let content): .ping(content.dropping(byteCount))
        case .pong(let content): .pong(content.dropping(byteCount))
        case .open, .close, .disconnect: self
        }
    }
}

extension WebSocketEvent {
    /// The same event without what was read with it, where that is much.
    fileprivate var alone: WebSocketEvent {
        switch self {
        case .text(let content): .text(content.alone)
        case .binary(let content): .binary(content.alone)
        case .ping(let content): .ping(content.alone)
        case .pong(let content): .pong(content.alone)
        case .open, .close, .disconnect: self
        }
    }
}

extension ByteBuffer {
    fileprivate var alone: ByteBuffer {
        self.storageCapacity > 4 * self.readableBytes + 256 ? ByteBuffer(bytes: self.readableBytesView) : self
    }

    fileprivate func dropping(_ byteCount: Int) -> ByteBuffer {
        var rest = self
        rest.moveReaderIndex(forwardBy: min(byteCount, rest.readableBytes))
        return rest
    }
}
