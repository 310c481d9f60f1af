import Logging
import NIOCore
import Synchronization

extension NATSDriver {
    func perform(_ action: NATSSession.Action) {
        switch action {
        case .deliver(let message):
            self.receivedCount += 1
            self.table[message.subscription]?.receive(message)
        case .send(let operation):
            var buffer = ByteBuffer()
            buffer.writeNATS(operation)
            self.channel?.write(buffer, promise: nil)
            self.needsFlush = true
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
            self.logger?.warning("NATS: skipped a message that is too large", metadata: ["bytes": "\(byteCount)"])
            self.tell(.messageSkipped(byteCount: byteCount))
        case .answered(let id):
            self.countReceived()
            if self.exchanges.answered(id), self.phase == .shuttingDown { self.finish(nil) }
        case .complain(let error):
            self.logger?.warning("NATS: \(error.error.reason)")
            self.tell(.refused(error.error))
        case .close(let error): self.lose(error)
        }
    }

    func becomeReady(_ info: NATSServerInfo) {
        self.lastFailure = nil
        self.reconnection.connected(discovered: info.servers, now: self.now)
        self.shared.state.withLock { state in
            self.table.apply(state.changes)
            state.changes = []
            state.outbox.connected(info, subscriptions: self.table.all)
            state.statistics.connections += 1
        }
        self.tick()
        let server = self.server.map { "\($0) (\(info.name))" } ?? info.name
        self.logger?.info("NATS: connected", metadata: ["server": "\(server)", "version": "\(info.version)"])
        self.tell(.connected(server: server))
        self.exchanges.connected()
    }

    func lose(_ error: GRIPNATSError) {
        let error = GRIPNATSError(error.code, "\(self.server.map { "\($0): " } ?? "")\(error.reason)")
        self.session = nil
        self.number += 1
        self.channel?.close(promise: nil)
        self.channel = nil
        self.countReceived()
        if self.hasDelivered {
            self.hasDelivered = false
            self.hooks.onReadComplete?()
        }
        self.shared.state.withLock { $0.outbox.disconnected() }
        self.exchanges.fail(GRIPNATSError(.disconnected, error.reason))
        if self.phase == .shuttingDown { return self.finish(nil) }
        self.reconnection.failed(error, now: self.now)
        if self.lastFailure != error {
            self.lastFailure = error
            self.logger?.warning("NATS: no connection", metadata: ["reason": "\(error.reason)"])
            self.tell(.disconnected(error))
        }
        self.advance()
    }

    func tell(_ event: GRIPNATSEvent) { self.hooks.onEvent(event) }
}
