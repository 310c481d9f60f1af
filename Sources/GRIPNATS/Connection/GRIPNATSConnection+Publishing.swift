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
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - mayWait: Whether they may wait for a connection.
    ///   - finish: What is done to a message, whose place among all it gets, when all of them are taken. It must not change
    ///     the size.
    package func publish(
        _ messages: inout [NATSOutbox.Message],
        mayWait: Bool = true,
        finish: (Int, inout NATSOutbox.Message) -> Void = { _, _ in }
    ) -> NATSOutbox.Refusal? {
        self.take(messages.count, mayWait: mayWait) { $0.publish(&messages, mayWait: mayWait, finish: finish) }
    }

    private func take(
        _ count: Int,
        mayWait: Bool = true,
        _ body: (inout NATSOutbox) -> NATSOutbox.Refusal?
    ) -> NATSOutbox.Refusal? {
        let (refusal, mustSchedule) = self.shared.state.withLock { state in
            let refusal = body(&state.outbox)
            switch refusal {
            case nil: state.statistics.published += count
            // What is only for now is not missed when there is no connection.
            case .disconnected where !mayWait: break
            default: state.statistics.refused += count
            }
            return (refusal, refusal == nil && state.schedule())
        }
        if mustSchedule { self.scheduleTick() }
        return refusal
    }

    /// Returns when the server has read all that was published and subscribed to before.
    ///
    /// - Throws: ``GRIPNATSError`` when there is no connection, or it is lost before, or when 4,096 others wait already
    ///   (``GRIPNATSError/Code/full``); `CancellationError` when the task is cancelled.
    public func flush() async throws {
        try Task.checkCancellation()
        let answered = self.eventLoop.makePromise(of: Void.self)
        let id = self.shared.nextExchange()
        let driver = self.driver
        self.eventLoop.execute { driver.value.flush(id, answered) }
        try await withTaskCancellationHandler {
            try await answered.futureResult.get()
        } onCancel: {
            self.eventLoop.execute { driver.value.exchanges.cancel(id) }
        }
    }

    /// Does something when the server has read all that was published and subscribed to before; not at all where the
    /// connection is lost first.
    ///
    /// Only on the event loop.
    func afterFlush(_ body: @escaping @Sendable () -> Void) {
        let answered = self.eventLoop.makePromise(of: Void.self)
        self.driver.value.flush(self.shared.nextExchange(), answered)
        answered.futureResult.whenSuccess(body)
    }
}
