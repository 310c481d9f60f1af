import GRIP
import HTTPTypes
import NIOCore

/// One WebSocket of a client, carried to an origin that only speaks HTTP.
///
/// What the client does becomes events in requests to the origin, one request at a time, and what the origin answers
/// becomes messages to the client. Each method takes what has happened and returns what is to be done; the last action of
/// each conversation is ``WebSocketRelayAction/finished``, and after it there is none.
///
/// The client's part and the origin's part end one by one: an origin is told of a client that is gone, a client stays when
/// the origin has detached itself. What a client sent before it was lost still goes to the origin, with the DISCONNECT.
///
/// Events are read as strictly as ``GRIP/WebSocketEventDecoder`` does. Pushpin passes on what there is of a message that
/// is shorter than announced; here the conversation ends, because half a message would look like a whole one.
package struct WebSocketOverHTTPRelay: Sendable {
    /// Where the client is.
    enum Client: UInt8, Sendable {
        /// It waits for the answer to its handshake.
        case waiting
        case open
        /// It has sent a Close frame, to which the origin's answer is awaited.
        case closing
        /// It was sent a Close frame, and its own is awaited.
        case closed
        case gone
    }

    /// Where the origin is.
    enum Origin: UInt8, Sendable {
        /// It was sent OPEN and has not opened the connection.
        case opening
        case open
        /// It has sent CLOSE, and is only told if the client does not answer that.
        case closed
        /// The last event for it is queued or under way, and its answers mean nothing any more.
        case ending
        /// There is nothing to be told to it.
        case done
    }

    /// What is under way to the origin.
    enum Exchange: UInt8, Sendable {
        case idle
        case inFlight
        /// A request that did not reach the origin is sent again at ``originDeadline``.
        case waitingToRetry
    }

    let connectionID: String
    package internal(set) var hold: WebSocketHold
    var events = WebSocketEventQueue()
    /// What the origin stored with `Set-Meta-*`, as requests repeat it.
    var meta = HTTPFields()

    /// The channels that the origin's last answer has asked for beyond the limit, which the next request tells it.
    var leftOut: [String] = []

    var client = Client.waiting
    var origin = Origin.opening
    var exchange = Exchange.idle
    /// How often the request was sent again.
    var retryCount: UInt8 = 0
    /// In seconds, 0 where the origin is not asked by itself.
    var pollInterval: Int32 = 0
    /// Whether a request is wanted even if there is nothing new to say.
    var wantsRequest = false
    var isReadingPaused = false
    var isClientWritable = true
    package internal(set) var isFinished = false

    /// When the origin is asked for news, or when a request is sent again.
    var originDeadline: EngineTime?
    /// When the client must have answered a Close frame.
    var closeDeadline: EngineTime?

    /// Makes the relay of a handshake.
    ///
    /// - Parameters:
    ///   - configuration: What connections of the same route and target share.
    ///   - connectionID: A UUID that nobody else has or had.
    ///   - jitter: A random time from 0 to 1 second, which spreads what connections do at intervals.
    package init(
        _ configuration: Shared<WebSocketRelayConfiguration>,
        connectionID: String,
        jitter: Duration
    ) {
        self.connectionID = connectionID
        self.hold = WebSocketHold(configuration, jitter: jitter)
        self.events.append(.open)
    }

    var configuration: WebSocketRelayConfiguration { self.hold.configuration.value }

    /// Begins the conversation.
    package mutating func start(now: EngineTime) -> [WebSocketRelayAction] {
        self.perform(now) { _, _ in }
    }

    /// When ``wake(at:)`` is to be called, or nothing.
    ///
    /// ``deliver(_:now:)`` can only put it off when it answers ``WebSocketDelivery/write``, so it need not be asked for
    /// after that.
    package var nextDeadline: EngineTime? {
        guard !self.isFinished else { return nil }
        let held = self.client == .open ? self.hold.nextDeadline : nil
        return .earlier(held, .earlier(self.originDeadline, self.closeDeadline))
    }

    /// Does what is due.
    package mutating func wake(at now: EngineTime) -> [WebSocketRelayAction] {
        self.perform(now) { relay, actions in
            if let deadline = relay.originDeadline, now >= deadline { relay.wakeOrigin(&actions) }
            if let deadline = relay.closeDeadline, now >= deadline { relay.loseClient(.closeTimeout, &actions) }
            if relay.client == .open { relay.apply(relay.hold.wake(at: now), now: now, &actions) }
        }
    }

    /// Runs an event, then does what follows from the state it leaves.
    mutating func perform(
        _ now: EngineTime,
        _ body: (inout WebSocketOverHTTPRelay, inout [WebSocketRelayAction]) -> Void
    ) -> [WebSocketRelayAction] {
        guard !self.isFinished else { return [] }
        var actions: [WebSocketRelayAction] = []
        body(&self, &actions)
        self.proceed(now, &actions)
        return actions
    }

    private mutating func proceed(_ now: EngineTime, _ actions: inout [WebSocketRelayAction]) {
        if self.origin == .ending, self.exchange == .idle, self.events.isEmpty { self.origin = .done }
        self.requestIfNeeded(now, &actions)
        self.adjustReading(&actions)
        guard self.client == .gone, self.origin == .done, self.exchange == .idle else { return }
        self.isFinished = true
        actions.append(.finished)
    }

    private mutating func adjustReading(_ actions: inout [WebSocketRelayAction]) {
        guard self.client == .open || self.client == .closing else { return }
        let isFull = self.events.size >= self.configuration.maximumPendingBytes
        guard isFull != self.isReadingPaused else { return }
        self.isReadingPaused = isFull
        actions.append(isFull ? .pauseReading : .resumeReading)
    }
}
