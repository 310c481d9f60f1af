import GRIP
import GRIPEngine
import NIOCore

extension ProxyCore {
    /// An answer of the control API.
    enum ControlAnswer {
        case now(ControlResponse)
        /// Items are taken, which is nearly all that is ever said.
        case published(ControlFormat)
        case later(EventLoopFuture<ControlResponse>)
        /// An answer that goes on.
        case stream(any ControlEventSource)
    }

    /// Does what a request to the control API is for.
    ///
    /// - Parameters:
    ///   - decision: What the request is for.
    ///   - eventLoop: Where the answer is waited for.
    func answer(_ decision: ControlAPI.Decision, on eventLoop: any EventLoop) -> ControlAnswer {
        switch decision {
        case .respond(let response): return .now(response)
        case .publish(let publications, .atOnce(let format)):
            let receipt = self.ingress.publish(publications, on: eventLoop)
            if receipt.room == nil, receipt.busRefusal == nil { return .published(format) }
            let response = ControlResponse.published(format, busRefusal: receipt.busRefusal)
            return receipt.room.map { .later($0.map { response }) } ?? .now(response)
        case .publish(let publications, .withDeliveries):
            return .later(
                self.ingress.publishCounting(publications, on: eventLoop)
                    .map { .published(publications, deliveries: $0.deliveries, busRefusal: $0.busRefusal) }
            )
        case .recover(let response):
            self.hub.recover()
            return .now(response)
        case .connections(let query):
            return .later(self.gatherInTurns(on: eventLoop) { $0.connections(query) }.map(query.response))
        case .connection(let id):
            return self.ask(about: id, on: eventLoop) { ControlResponse($0.connection(id)) }
        case .close(let id, let response):
            return self.ask(about: id, on: eventLoop) { $0.end(id, as: .ended) ? response : .notFound }
        case .channels(let query):
            return .later(self.gatherInTurns(on: eventLoop) { $0.channels(query) }.map(query.response))
        case .channel(let name):
            return .later(
                self.gather(on: eventLoop) { $0.subscribers(of: name) }
                    .map { ControlResponse(channel: name, subscribers: $0) }
            )
        case .members(let channel): return .later(self.members(of: channel, on: eventLoop))
        case .changes(let channel): return self.changes(of: channel)
        case .kick(let key, let channel, let response):
            return .later(self.kick(key, from: channel, response, on: eventLoop))
        case .metrics: return .later(self.measurements(on: eventLoop).map { ControlResponse($0.prometheusText) })
        }
    }

    private func ask(
        about id: UInt64,
        on eventLoop: any EventLoop,
        _ body: @escaping @Sendable (ProxyLoop) -> ControlResponse
    ) -> ControlAnswer {
        let index = Int(id >> ProxyLoop.idBits)
        guard self.loops.indices.contains(index) else { return .now(.notFound) }
        return .later(self.loops[index].ask(body).hop(to: eventLoop))
    }
}

extension ProxyLoop {
    func connections(_ query: ConnectionQuery) -> [ConnectionSnapshot] {
        let ids: [UInt64]
        if let name = query.channel {
            guard let channel = self.registry[name] else { return [] }
            ids = query.page(of: Set(channel.members.all.joined().lazy.map(\.member.id)))
        } else {
            ids = query.page(of: self.clients.keys)
        }
        return ids.compactMap(self.connection)
    }

    func connection(_ id: UInt64) -> ConnectionSnapshot? {
        guard let client = self.clients[id] else { return nil }
        let member = client.member
        return ConnectionSnapshot(
            id: id,
            peerAddress: client.peerAddress,
            kind: member?.kind,
            channels: member?.subscriptions.map(\.channel.name) ?? []
        )
    }

    /// Ends a connection in the way of its protocol, if there is one of that id.
    ///
    /// - Parameters:
    ///   - id: The connection's id.
    ///   - end: Why; a client that is kicked is told so where its protocol has words for it.
    /// - Returns: Whether there is such a connection.
    func end(_ id: UInt64, as end: ConnectionEnd) -> Bool {
        guard let client = self.clients[id] else { return false }
        client.shutDown(end)
        return true
    }

    /// Ends the connection of a member that is kicked, unless it is something else by now.
    func kick(_ id: UInt64, from channel: String) {
        guard let client = self.clients[id], client.member?.isMember(of: channel) == true else { return }
        client.shutDown(.kicked)
    }

    func channels(_ query: ChannelQuery) -> [ChannelSnapshot] { query.page(of: self.registry.all) }

    func subscribers(of name: String) -> CountByKind {
        self.registry[name].map { ChannelSnapshot($0).subscribers } ?? CountByKind()
    }
}
