import GRIP

/// What the control API tells of a client's connection.
package struct ConnectionSnapshot: Sendable, Hashable {
    package var id: UInt64
    package var peerAddress: String
    /// What is held on it, or nothing.
    package var kind: HoldKind?
    /// The channels that it is subscribed to, with the routes' prefixes.
    package var channels: [String]

    package init(id: UInt64, peerAddress: String, kind: HoldKind?, channels: [String]) {
        self.id = id
        self.peerAddress = peerAddress
        self.kind = kind
        self.channels = channels
    }

    /// Ids are text: the numbers of other languages are too small for them.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", String(self.id))
        writer.member("peer", self.peerAddress)
        if let kind = self.kind { writer.member("hold", kind.rawValue) }
        writer.key("channels")
        writer.array { writer in for channel in self.channels { writer.string(channel) } }
    }
}

/// Which connections are asked for: one page of them, by id.
package struct ConnectionQuery: Sendable, Hashable {
    package let limit: Int
    /// The id that the page begins after.
    package let after: UInt64?
    /// The channel that they are subscribed to, or nothing for all connections.
    package let channel: String?

    package init(limit: Int, after: UInt64? = nil, channel: String? = nil) {
        self.limit = limit
        self.after = after
        self.channel = channel
    }

    init(_ query: Substring) throws(ControlQueryError) {
        let query = try ControlQuery(query, names: ["limit", "after", "channel"])
        var after: UInt64?
        if let text = query.after {
            guard let id = ControlQuery.id(text) else { throw ControlQueryError(reason: "'after' is not an id") }
            after = id
        }
        self.init(limit: query.limit, after: after, channel: query.channel)
    }

    /// The ids of the page, and one more if there is one, in order.
    ///
    /// - Parameter ids: All ids of one event loop, in any order.
    package func page(of ids: some Sequence<UInt64>) -> [UInt64] {
        var page = SmallestElements<UInt64>(self.limit + 1, by: <)
        for id in ids where id > self.after ?? 0 { page.insert(id) }
        return page.sorted()
    }

    /// The answer, made of the pages of all event loops.
    package func response(_ pages: [[ConnectionSnapshot]]) -> ControlResponse {
        let all = pages.joined().sorted { $0.id < $1.id }
        return ControlResponse { writer in
            writer.key("connections")
            writer.array { writer in
                for connection in all.prefix(self.limit) { writer.object { connection.writeMembers(to: &$0) } }
            }
            if all.count > self.limit { writer.member("next", String(all[self.limit - 1].id)) }
        }
    }
}
