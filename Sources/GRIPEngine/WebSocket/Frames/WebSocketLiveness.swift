package import NIOCore

/// Finds out whether the client of a WebSocket is still there.
///
/// One that sends nothing for a time is sent a ping. Whatever it sends then shows that it is there; where nothing comes in
/// time, it is lost. What comes is only noted, and looked at when a time is over, so that a busy connection costs nothing:
/// the ping may therefore be sent after twice the time of silence.
package struct WebSocketLiveness: Sendable {
    /// How long things may take.
    package struct Times: Sendable, Hashable {
        /// How long a client may send nothing before it is sent a ping; zero for as long as it wants.
        package var silence: Duration
        /// How long it may take to send something then.
        package var answer: Duration

        package init(silence: Duration, answer: Duration) {
            self.silence = silence
            self.answer = answer
        }
    }

    package enum Action: Sendable, Hashable {
        /// A ping with ``payload`` is to be sent.
        case ping
        /// The client is not there any more.
        case lost
    }

    /// What a ping carries, which tells its pong from those that the origin has asked for.
    package static let payload = ByteBuffer(string: "grip")

    /// When ``wake(at:_:canHear:)`` is to be called.
    package private(set) var nextDeadline: EngineTime?
    private var isHeard = false
    private var isAsked = false
    /// How many pings have no pong yet.
    private var unanswered: UInt16 = 0

    package init(_ times: Times, now: EngineTime) {
        if times.silence > .zero { self.nextDeadline = now + times.silence }
    }

    /// Notes that something has come.
    package mutating func noteHeard() { self.isHeard = true }

    /// Whether a pong is the answer to a ping of this, of which the origin is not to hear.
    package mutating func isAnswered(by pong: ByteBuffer) -> Bool {
        guard self.unanswered > 0, pong == Self.payload else { return false }
        self.unanswered -= 1
        return true
    }

    /// Does what is due.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - times: How long things may take.
    ///   - canHear: Whether what the client sends is read at all.
    package mutating func wake(at now: EngineTime, _ times: Times, canHear: Bool) -> Action? {
        guard let deadline = self.nextDeadline, deadline <= now else { return nil }
        if self.isHeard || !canHear {
            self.isHeard = false
            self.isAsked = false
            self.nextDeadline = now + times.silence
            return nil
        }
        guard !self.isAsked else {
            self.nextDeadline = nil
            return .lost
        }
        self.isAsked = true
        self.unanswered = min(.max - 1, self.unanswered) + 1
        self.nextDeadline = now + times.answer
        return .ping
    }

    /// Asks no more, because the connection ends.
    package mutating func end() { self.nextDeadline = nil }
}
