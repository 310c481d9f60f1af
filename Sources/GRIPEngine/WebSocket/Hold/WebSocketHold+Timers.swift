extension WebSocketHold {
    /// Notes that something was written to the client, which puts off a keep-alive for idle connections.
    package mutating func noteSent(at now: EngineTime) { self.timers.noteSent(at: now) }

    /// When ``wake(at:)`` is to be called, or nothing.
    ///
    /// What is written to the client meanwhile can only put it off, so a call at a time that was given before is never too
    /// late.
    package var nextDeadline: EngineTime? { self.timers.nextDeadline }

    /// Sends what is due.
    package mutating func wake(at now: EngineTime) -> [Effect] { self.timers.wake(at: now).map { .send($0) } }
}
