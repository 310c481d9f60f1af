import NIOCore
import Synchronization

extension NATSDriver {
    /// Takes the first channel that is connected.
    ///
    /// - Returns: Whether it is of use.
    func takeChannel(_ channel: any Channel, on number: Int) -> Bool {
        guard number == self.number, self.phase == .running, self.channel == nil else { return false }
        self.channel = channel
        return true
    }

    func received(_ piece: ByteBuffer, on number: Int) {
        guard number == self.number else { return }
        self.session?.receive(piece)
        self.drain()
    }

    func encrypted(on number: Int) {
        guard number == self.number else { return }
        self.session?.encrypted()
        self.drain()
        self.settle()
    }

    func readCompleted(on number: Int) {
        guard number == self.number else { return }
        self.countReceived()
        self.tellReadComplete()
        self.settle()
    }

    func tellReadComplete() {
        guard self.hasNews else { return }
        self.hasNews = false
        self.hooks.onReadComplete?()
    }

    func channelClosed(_ error: (any Error)?, on number: Int) {
        guard number == self.number else { return }
        let failure =
            error.map(NATSConnectionFailure.error) ?? GRIPNATSError(.connection, "the server closed the connection")
        if let action = self.session?.disconnected(failure) { self.perform(action) }
    }

    /// Adds up what has come since the last time; a lock for each message would be too much.
    func countReceived() {
        guard self.receivedCount > 0 else { return }
        let count = self.receivedCount
        self.receivedCount = 0
        self.hasNews = true
        self.shared.state.withLock { $0.statistics.received += count }
    }

    func drain() {
        let now = self.now
        while let action = self.session?.next(now: now) { self.perform(action) }
    }

    /// Writes what has come together.
    func settle() {
        self.writeControl()
        self.updateTimer()
    }
}
