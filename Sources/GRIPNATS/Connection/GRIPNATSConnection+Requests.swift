public import NIOCore
import Synchronization

extension GRIPNATSConnection {
    /// Publishes a message and waits for the first answer.
    ///
    /// - Parameters:
    ///   - payload: What is published.
    ///   - subject: The subject.
    ///   - headers: The headers.
    ///   - timeout: How long to wait.
    /// - Throws: ``GRIPNATSError`` when the message is not taken, when nobody listens to the subject
    ///   (``GRIPNATSError/Code/noResponders``), when no answer comes in time or the connection is lost before;
    ///   `CancellationError` when the task is cancelled.
    /// - Returns: The answer.
    public func request(
        _ payload: ByteBuffer,
        to subject: GRIPNATSSubject,
        headers: GRIPNATSHeaders = GRIPNATSHeaders(),
        timeout: Duration = .seconds(5)
    ) async throws -> GRIPNATSMessage {
        try Task.checkCancellation()
        let driver = self.driver
        self.beginInbox()
        let id = self.shared.nextExchange()
        let answer = self.eventLoop.makePromise(of: GRIPNATSMessage.self)
        let time = TimeAmount(timeout)
        self.eventLoop.execute { [eventLoop] in
            driver.value.exchanges.await(id, answer)
            let timer = eventLoop.scheduleTask(in: time) {
                driver.value.exchanges.answered(id, .failure(GRIPNATSError(.timeout, "no answer within \(timeout)")))
            }
            answer.futureResult.whenComplete { _ in timer.cancel() }
        }
        do {
            try self.publish(payload, to: subject, reply: self.inbox.reply(to: id), headers: headers)
        } catch {
            self.eventLoop.execute { driver.value.exchanges.answered(id, .failure(error)) }
        }
        return try await withTaskCancellationHandler {
            do {
                return try await answer.futureResult.get()
            } catch {
                try Task.checkCancellation()
                throw error
            }
        } onCancel: {
            self.eventLoop.execute {
                driver.value.exchanges.answered(id, .failure(GRIPNATSError(.closed, "the request was cancelled")))
            }
        }
    }

    /// Subscribes to the answers, the first time.
    ///
    /// A message that is published after this call comes after the subscription.
    private func beginInbox() {
        let inbox = self.inbox
        // The driver has the subscription, and they would keep each other for ever.
        let entry = SubscriptionTable.Entry(pattern: inbox.pattern) { [weak driver = self.driver] message in
            guard let id = inbox.request(of: message) else { return }
            driver?.value.exchanges.answered(id, message.answer)
        }
        let mustSchedule = self.shared.state.withLock { state in
            guard !state.hasInbox else { return false }
            state.hasInbox = true
            _ = state.begin(entry)
            return state.schedule()
        }
        if mustSchedule { self.scheduleTick() }
    }
}
