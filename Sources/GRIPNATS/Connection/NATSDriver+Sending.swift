import NIOCore
import Synchronization

extension NATSDriver {
    /// Learns what other threads have left here, and sends it.
    func tick() {
        let (changes, batch, isStalled) = self.shared.state.withLock { state in
            state.isScheduled = false
            let changes = state.changes
            state.changes = []
            return (changes, state.outbox.take(), state.outbox.isStalled)
        }
        self.table.apply(changes)
        guard let channel, let batch else { return }
        guard !isStalled else {
            self.shared.state.withLock { $0.outbox.lost(batch.size) }
            return self.drop(Self.readsNothing)
        }
        let written = self.eventLoop.makePromise(of: Void.self)
        for (index, part) in batch.parts.enumerated() {
            channel.write(part, promise: index == batch.parts.count - 1 ? written : nil)
        }
        channel.flush()
        let shared = self.shared
        let size = batch.size
        written.futureResult.whenComplete { result in
            shared.state.withLock { state in
                if case .success = result { state.outbox.written(size) } else { state.outbox.lost(size) }
            }
        }
    }

    private static var readsNothing: GRIPNATSError {
        GRIPNATSError(.stale, "the server does not take what is sent to it")
    }

    /// Writes what the session has to say.
    func writeControl() {
        guard !self.control.isStalled else { return self.drop(Self.readsNothing) }
        guard let channel, let bytes = self.control.take() else { return }
        let number = self.number
        let byteCount = bytes.readableBytes
        let written = self.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            if number == self.number { self.control.written(byteCount) }
        }
        channel.writeAndFlush(bytes, promise: written)
    }

    private func drop(_ error: GRIPNATSError) {
        if let action = self.session?.disconnected(error) { self.perform(action) }
    }

    /// Sends what waits and a ping after it.
    ///
    /// - Parameters:
    ///   - id: The number by which the wait can be ended.
    ///   - answered: What the answer completes.
    func flush(_ id: UInt64, _ answered: EventLoopPromise<Void>) {
        self.tick()
        guard self.session?.isReady == true else {
            return answered.fail(self.end ?? GRIPNATSError(.disconnected, "there is no connection to a server"))
        }
        guard let action = self.session?.ping(id) else {
            let reason = "\(NATSSession.maximumPings) flushes wait for the server already"
            return answered.fail(GRIPNATSError(.full, reason))
        }
        self.exchanges.await(id, answered)
        self.perform(action)
        self.settle()
    }

    func awaitConnection(_ id: UInt64, _ promise: EventLoopPromise<Void>) {
        if let end = self.end {
            promise.fail(end)
        } else if self.session?.isReady == true {
            promise.succeed()
        } else {
            self.exchanges.awaitConnection(id, promise)
        }
    }

    /// Reads on, or lets the server wait: this one, and those that come after it.
    func setReading(_ isReading: Bool) {
        guard self.isReadingPaused == isReading else { return }
        self.isReadingPaused = !isReading
        if self.session?.isReady == true { self.applyReading() }
    }

    /// Lets the channel read or not; until a session is ready, it has to.
    func applyReading() {
        guard let channel else { return }
        let isReading = !self.isReadingPaused
        self.session?.isPaused = !isReading
        channel.setOption(.autoRead, value: isReading).assumeIsolated().whenSuccess {
            if isReading { channel.read() }
        }
    }
}
