import NIOCore
import Synchronization

extension NATSDriver {
    func perform(_ action: NATSSession.Action) {
        switch action {
        case .deliver(let message):
            self.receivedCount += 1
            self.table[message.subscription]?.receive(message)
        case .send(let operation): self.control.add(operation)
        case .startTLS:
            guard let channel else { return }
            do {
                try self.addTLS(to: channel)
            } catch {
                channel.pipeline.fireErrorCaught(error)
            }
        case .ready(let info): self.becomeReady(info)
        case .infoChanged(let info):
            self.shared.state.withLock { $0.outbox.infoChanged(info) }
            self.reconnection.discover(info.servers)
            if info.isLeaving { self.tell(.serverLeaving) }
        case .skipped(_, let byteCount):
            self.shared.state.withLock { $0.statistics.skipped += 1 }
            self.log.skipped(byteCount: byteCount)
            self.tell(.messageSkipped(byteCount: byteCount))
        case .answered(let id):
            self.countReceived()
            if self.exchanges.answered(id), self.phase == .shuttingDown { self.finish(nil) }
        case .complain(let error):
            self.shared.state.withLock { $0.statistics.complaints += 1 }
            self.log.complained(error.error)
            self.hasNews = true
            self.hooks.onComplaint?(error)
            self.tell(.refused(error.error))
        case .close(let error): self.lose(error)
        }
    }

    func becomeReady(_ info: NATSServerInfo) {
        self.reconnection.connected(discovered: info.servers, now: self.now)
        self.shared.state.withLock { state in
            self.table.apply(state.changes)
            state.changes = []
            state.outbox.connected(info, subscriptions: self.table.all)
            state.statistics.connections += 1
        }
        self.tick()
        guard self.session?.isReady == true else { return }
        let server = self.server.map { "\($0) (\(info.name))" } ?? info.name
        self.log.connected(to: server, info)
        self.tell(.connected(server: server))
        self.exchanges.connected()
        if self.isReadingPaused { self.applyReading() }
    }

    func lose(_ error: GRIPNATSError) {
        let error = GRIPNATSError(error.code, "\(self.server.map { "\($0): " } ?? "")\(error.reason)")
        self.session = nil
        self.number += 1
        self.channel?.close(promise: nil)
        self.channel = nil
        self.countReceived()
        self.tellReadComplete()
        self.shared.state.withLock { $0.outbox.disconnected() }
        self.exchanges.fail(GRIPNATSError(.disconnected, error.reason))
        if self.phase == .shuttingDown { return self.finish(nil) }
        self.reconnection.failed(error, now: self.now)
        if self.log.failed(self.server?.address, error) { self.tell(.disconnected(error)) }
        self.advance()
    }

    func tell(_ event: GRIPNATSEvent) { self.hooks.onEvent(event) }
}
