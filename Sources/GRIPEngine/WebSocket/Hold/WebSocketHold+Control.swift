import GRIP
package import NIOCore

extension WebSocketHold {
    /// Follows a message for the proxy.
    ///
    /// One that is malformed is ignored, as the protocol wants it, and the ones after it are followed. Only a subscription
    /// with more filters than there may be or with a member that is none, and meta beyond the limit, close the connection:
    /// these are nothing that may get lost.
    ///
    /// - Parameters:
    ///   - json: What follows the mark.
    ///   - now: The time.
    package mutating func follow(_ json: ByteBuffer, now: EngineTime) -> [Effect] {
        do {
            return self.follow(try WebSocketControlMessage(parsing: json), now: now)
        } catch {
            return error.code == .filter || error.code == .member ? [self.refusal(error.reason)] : []
        }
    }

    private mutating func follow(_ message: WebSocketControlMessage, now: EngineTime) -> [Effect] {
        switch message {
        case .subscribe(let channel): return self.subscribe(channel)
        case .unsubscribe(let channel): return self.unsubscribe(channel)
        case .detach: return [.detach]
        case .session: return []
        case .setMeta(let meta): return self.set(meta)
        case .keepAlive(let keepAlive):
            self.timers.keepAlive(keepAlive, now: now)
            return []
        case .sendDelayed(let delayed):
            return self.timers.sendDelayed(delayed, now: now).map { [.send($0)] } ?? []
        case .flushDelayed:
            return self.timers.flushDelayed().map { [.send($0)] } ?? []
        }
    }

    private mutating func subscribe(_ channel: GRIPChannel) -> [Effect] {
        let configuration = self.configuration.value
        let name = configuration.channelPrefix + channel.name
        if !self.subscriptions.contains(where: { $0.hasName(name) }) {
            guard self.subscriptions.count < configuration.maximumSubscriptions else { return [.leaveOut(name)] }
            self.subscriptions.append(Subscription(channel: name, isImplicit: false))
        }
        return [.subscribe(channel: name, filters: channel.filters, member: channel.member)]
    }

    private mutating func unsubscribe(_ channel: GRIPChannel) -> [Effect] {
        let name = self.configuration.value.channelPrefix + channel.name
        guard let index = self.subscriptions.firstIndex(where: { $0.hasName(name) && !$0.isImplicit }) else {
            return []
        }
        self.subscriptions.remove(at: index)
        return [.unsubscribe(name)]
    }

    private mutating func set(_ entry: WebSocketControlMessage.Meta) -> [Effect] {
        self.meta[entry.name] = entry.value
        let size = self.meta.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size > self.configuration.value.maximumMetaSize else { return [] }
        self.meta[entry.name] = nil
        return [self.refusal("the meta of a connection is too long")]
    }

    private func refusal(_ reason: String) -> Effect {
        let reason = self.configuration.value.isDebugging ? reason : ""
        return .close(.sendable(WebSocketClose(unchecked: .internalError, reason: reason)))
    }
}
