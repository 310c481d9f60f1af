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
            self.shared.state.withLock { $0.outbox.written(batch.byteCount) }
            return self.drop(GRIPNATSError(.stale, "the server does not take what is sent to it"))
        }
        let written = self.eventLoop.makePromise(of: Void.self)
        for (index, part) in batch.parts.enumerated() {
            channel.write(part, promise: index == batch.parts.count - 1 ? written : nil)
        }
        channel.flush()
        self.needsFlush = false
        let shared = self.shared
        let byteCount = batch.byteCount
        written.futureResult.whenComplete { _ in shared.state.withLock { $0.outbox.written(byteCount) } }
    }

    func drop(_ error: GRIPNATSError) {
        if let action = self.session?.disconnected(error) { self.perform(action) }
    }

    /// Sends what waits and a ping after it.
    func flush(_ answered: EventLoopPromise<Void>) {
        self.tick()
        let id = self.exchanges.nextID()
        guard let action = self.session?.ping(id) else {
            return answered.fail(GRIPNATSError(.disconnected, "there is no connection to a server"))
        }
        self.exchanges.await(id, answered)
        self.perform(action)
        self.settle()
    }

    func awaitConnection(_ id: UInt64, _ promise: EventLoopPromise<Void>) {
        if self.phase == .ended {
            promise.fail(GRIPNATSError(.closed, "the connection was shut down"))
        } else if self.session?.isReady == true {
            promise.succeed()
        } else {
            self.exchanges.awaitConnection(id, promise)
        }
    }

    /// Reads on, or lets the server wait.
    func setReading(_ isReading: Bool) {
        guard self.isReadingPaused == isReading, let channel else { return }
        self.isReadingPaused = !isReading
        self.session?.isPaused = !isReading
        channel.setOption(.autoRead, value: isReading).assumeIsolated().whenSuccess {
            if isReading { channel.read() }
        }
    }
}
