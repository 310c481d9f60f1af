import GRIP

/// The messages that the proxy sends by itself: a keep-alive, and one that is sent later.
struct WebSocketTimers: Sendable {
    private var keepAlive: Boxed<WebSocketTimedMessage>?
    /// The time between two keep-alives in milliseconds, shortened by the jitter.
    private var period: Int64 = 0
    /// From when the time to the next keep-alive is counted.
    private var base = EngineTime(milliseconds: 0)
    /// Whether what is written to the client does not put a keep-alive off.
    private var ignoresTraffic = false
    private let jitter: Int16

    private var delayed: Boxed<WebSocketTimedMessage>?
    private var delayedUntil = EngineTime(milliseconds: 0)

    init(jitter: Duration) {
        let jitter = min(max(jitter, .zero), .seconds(1))
        self.jitter = Int16((EngineTime(milliseconds: 0) + jitter).milliseconds)
    }

    /// The random time that this connection adds or takes off, from 0 to 1 second.
    var jitterDuration: Duration { .milliseconds(self.jitter) }

    mutating func noteSent(at now: EngineTime) {
        if !self.ignoresTraffic { self.base = now }
    }

    mutating func keepAlive(_ keepAlive: WebSocketKeepAlive?, now: EngineTime) {
        guard let keepAlive else {
            self.keepAlive = nil
            self.ignoresTraffic = false
            return
        }
        let timeout = (EngineTime(milliseconds: 0) + keepAlive.timeout).milliseconds
        self.keepAlive = .value(keepAlive.message)
        // Never less than half the time: otherwise one second would become none.
        self.period = timeout - min(Int64(self.jitter), timeout / 2)
        self.base = now
        self.ignoresTraffic = keepAlive.mode == .interval
    }

    /// Takes a message for later, and returns the one that waited until now.
    mutating func sendDelayed(_ delayed: WebSocketDelayedMessage, now: EngineTime) -> WebSocketOutgoingFrame? {
        let flushed = self.flushDelayed()
        self.delayed = .value(delayed.message)
        self.delayedUntil = now + delayed.timeout
        return flushed
    }

    mutating func flushDelayed() -> WebSocketOutgoingFrame? {
        defer { self.delayed = nil }
        return self.delayed.map { WebSocketOutgoingFrame($0.value) }
    }

    private var keepAliveDeadline: EngineTime? {
        self.keepAlive == nil ? nil : EngineTime(milliseconds: self.base.milliseconds + self.period)
    }

    var nextDeadline: EngineTime? {
        .earlier(self.keepAliveDeadline, self.delayed == nil ? nil : self.delayedUntil)
    }

    mutating func wake(at now: EngineTime) -> [WebSocketOutgoingFrame] {
        var frames: [WebSocketOutgoingFrame] = []
        if self.delayed != nil, now >= self.delayedUntil, let delayed = self.flushDelayed() {
            frames.append(delayed)
            self.noteSent(at: now)
        }
        if let keepAlive, let deadline = self.keepAliveDeadline, now >= deadline {
            frames.append(WebSocketOutgoingFrame(keepAlive.value))
            self.base = now
        }
        return frames
    }
}
