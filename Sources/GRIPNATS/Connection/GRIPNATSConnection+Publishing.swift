public import NIOCore
import Synchronization

extension GRIPNATSConnection {
    /// Publishes a message, without waiting until it is sent.
    ///
    /// - Parameters:
    ///   - payload: What is published.
    ///   - subject: The subject.
    ///   - reply: Where answers are to go.
    ///   - headers: The headers.
    /// - Throws: ``GRIPNATSError`` when the message is not taken: ``GRIPNATSError/Code/disconnected``,
    ///   ``GRIPNATSError/Code/full``, ``GRIPNATSError/Code/tooLarge`` or ``GRIPNATSError/Code/headers``. What is taken is
    ///   lost when the connection is lost before it is sent.
    public func publish(
        _ payload: ByteBuffer,
        to subject: GRIPNATSSubject,
        reply: GRIPNATSSubject? = nil,
        headers: GRIPNATSHeaders = GRIPNATSHeaders()
    ) throws(GRIPNATSError) {
        let message = NATSOutbox.Message(subject, reply: reply, headers: headers.block, payload)
        if let refusal = self.take(1, { $0.publish(message) }) { throw GRIPNATSError(refusal) }
    }

    /// Publishes messages, all of them or none.
    package func publish(_ messages: [NATSOutbox.Message]) -> NATSOutbox.Refusal? {
        self.take(messages.count) { $0.publish(messages) }
    }

    private func take(_ count: Int, _ body: (inout NATSOutbox) -> NATSOutbox.Refusal?) -> NATSOutbox.Refusal? {
        let (refusal, mustSchedule) = self.shared.state.withLock { state in
            let refusal = body(&state.outbox)
            if refusal == nil { state.statistics.published += count } else { state.statistics.refused += count }
            return (refusal, refusal == nil && state.schedule())
        }
        if mustSchedule { self.scheduleTick() }
        return refusal
    }

    /// Returns when the server has read all that was published and subscribed to before.
    ///
    /// - Throws: ``GRIPNATSError`` when there is no connection, or it is lost before.
    public func flush() async throws {
        let answered = self.eventLoop.makePromise(of: Void.self)
        let driver = self.driver
        self.eventLoop.execute { driver.value.flush(answered) }
        try await answered.futureResult.get()
    }

    /// Does something when the server has read all that was published and subscribed to before; not at all where the
    /// connection is lost first.
    ///
    /// Only on the event loop.
    func afterFlush(_ body: @escaping @Sendable () -> Void) {
        let answered = self.eventLoop.makePromise(of: Void.self)
        self.driver.value.flush(answered)
        answered.futureResult.whenSuccess(body)
    }
}
