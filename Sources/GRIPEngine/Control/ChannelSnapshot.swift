import GRIP

/// What the control API tells of a channel.
package struct ChannelSnapshot: Sendable, Hashable {
    package var name: String
    package var subscribers: CountByKind

    package init(name: String, subscribers: CountByKind) {
        self.name = name
        self.subscribers = subscribers
    }

    package init(_ channel: SubscribedChannel<some AnyObject>) {
        self.name = channel.name
        self.subscribers = channel.counts
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("name", self.name)
        writer.key("subscribers")
        self.subscribers.write(to: &writer)
    }
}

extension CountByKind {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for kind in HoldKind.allCases { writer.member(kind.formatName, self[kind]) }
        }
    }
}

/// Which channels are asked for: one page of them, by the bytes of their names.
package struct ChannelQuery: Sendable, Hashable {
    package let limit: Int
    /// The name that the page begins after.
    package let after: String?

    package init(limit: Int, after: String? = nil) {
        self.limit = limit
        self.after = after
    }

    init(_ query: Substring) throws(ControlQueryError) {
        let query = try ControlQuery(query, names: ["limit", "after"])
        self.init(limit: query.limit, after: query.after)
    }

    /// The channels of the page, and one more if there is one, in order.
    ///
    /// - Parameter channels: All channels of one event loop, in any order.
    package func page<Member>(of channels: some Sequence<SubscribedChannel<Member>>) -> [ChannelSnapshot] {
        var page = SmallestElements<SubscribedChannel<Member>>(self.limit + 1) { Self.precedes($0.name, $1.name) }
        for channel in channels where self.after.map({ Self.precedes($0, channel.name) }) ?? true {
            page.insert(channel)
        }
        return page.sorted().map { ChannelSnapshot($0) }
    }

    /// The answer, made of the pages of all event loops.
    ///
    /// Each loop has told of its first channels, so that those that come first are told of by all that have them.
    package func response(_ pages: [[ChannelSnapshot]]) -> ControlResponse {
        var all: [ChannelSnapshot] = []
        for channel in pages.joined().sorted(by: { Self.precedes($0.name, $1.name) }) {
            if let last = all.indices.last, all[last].name.utf8.elementsEqual(channel.name.utf8) {
                all[last].subscribers += channel.subscribers
            } else {
                all.append(channel)
            }
        }
        return ControlResponse { writer in
            writer.key("channels")
            writer.array { writer in
                for channel in all.prefix(self.limit) { writer.object { channel.writeMembers(to: &$0) } }
            }
            if all.count > self.limit { writer.member("next", all[self.limit - 1].name) }
        }
    }

    private static func precedes(_ lhs: String, _ rhs: String) -> Bool {
        lhs.utf8.lexicographicallyPrecedes(rhs.utf8)
    }
}
