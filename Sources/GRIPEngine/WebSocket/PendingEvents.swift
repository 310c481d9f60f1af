package import GRIP
import NIOCore

/// What a client has sent and its origin has not taken yet.
///
/// The events of a request stay until the origin has answered, because it may take only a part of them.
struct PendingEvents: Sendable {
    /// What an origin said it took that it cannot have taken.
    struct AcceptanceError: Error {}

    private var events = CircularBuffer<WebSocketEvent>(initialCapacity: 1)
    /// How many of the first ones are in the request that is under way.
    private var sentCount = 0
    /// Bytes of content, those under way included.
    private(set) var byteCount = 0
    /// Bytes at the head that have been sent before.
    private(set) var replayedByteCount = 0
    /// Whether there is anything that the origin has not been offered.
    private(set) var hasNews = false

    var isEmpty: Bool { self.events.isEmpty }

    mutating func append(_ event: WebSocketEvent) {
        self.events.append(event)
        self.byteCount += event.contentByteCount
        self.hasNews = true
    }

    /// The events of the next request.
    ///
    /// - Parameter limit: How many there may be.
    mutating func take(limit: Int) -> [WebSocketEvent] {
        self.sentCount = min(limit, self.events.count)
        self.hasNews = self.sentCount < self.events.count
        return Array(self.events.prefix(self.sentCount))
    }

    /// Lets go of what the origin took.
    ///
    /// - Parameter acceptedByteCount: How many bytes of content it took, or nothing for all.
    /// - Returns: Whether it took anything.
    mutating func accept(_ acceptedByteCount: Int?) throws(AcceptanceError) -> Bool {
        let offered = self.events.prefix(self.sentCount).reduce(0) { $0 + $1.contentByteCount }
        var left = acceptedByteCount ?? offered
        let before = (self.events.count, self.byteCount)
        guard left >= 0, left <= offered else { throw AcceptanceError() }
        var isPartial = false
        while self.sentCount > 0, !isPartial, let event = self.events.first {
            let count = event.contentByteCount
            if count <= left {
                left -= count
                self.byteCount -= count
                self.events.removeFirst()
                self.sentCount -= 1
            } else {
                // A close is taken as a whole.
                if case .close = event, left > 0 { throw AcceptanceError() }
                if left > 0 {
                    self.events[self.events.startIndex] = event.droppingFirst(left)
                    self.byteCount -= left
                }
                isPartial = true
            }
        }
        self.replayedByteCount = self.events.prefix(self.sentCount).reduce(0) { $0 + $1.contentByteCount }
        self.sentCount = 0
        return before != (self.events.count, self.byteCount)
    }

    mutating func removeAll() {
        self.events.removeAll()
        self.sentCount = 0
        self.byteCount = 0
        self.replayedByteCount = 0
        self.hasNews = false
    }
}

extension WebSocketEvent {
    /// The event without the first bytes of its content.
    fileprivate func droppingFirst(_ count: Int) -> WebSocketEvent {
        switch self {
        case .text(var bytes):
            bytes.moveReaderIndex(forwardBy: count)
            return .text(bytes)
        case .binary(var bytes):
            bytes.moveReaderIndex(forwardBy: count)
            return .binary(bytes)
        case .ping(var bytes):
            bytes.moveReaderIndex(forwardBy: count)
            return .ping(bytes)
        case .pong(var bytes):
            bytes.moveReaderIndex(forwardBy: count)
            return .pong(bytes)
        case .open, .close, .disconnect: return self
        }
    }
}
