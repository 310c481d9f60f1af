package import GRIP

/// A channel as one held connection sees it.
package struct HeldChannel: Sendable, Hashable {
    /// The channel with the route's prefix, as publishers name it.
    package let name: String
    /// The channel as the origin named it.
    package let localName: String
    /// The id of the last item that the client has, or nothing when each item is taken as it comes.
    package var previousID: String?
    package let filters: FilterChain
    /// In memory of its own, because most channels have none.
    private let storedMember: Boxed<GRIPMember>?
    /// Whether an item came since the timer of the next link began.
    var isFed = false

    /// Who the client is on the channel, or `nil` where it does not count for presence.
    package var member: GRIPMember? { self.storedMember?.value }

    package init(_ channel: GRIPChannel, prefix: String) {
        self.name = prefix.isEmpty ? channel.name : prefix + channel.name
        self.localName = channel.name
        self.previousID = channel.previousID
        self.filters = FilterChain(channel.filters)
        self.storedMember = channel.member.map { .value($0) }
    }

    /// A channel that the route names, which has no prefix.
    package init(implicit name: String) {
        self.name = name
        self.localName = name
        self.filters = FilterChain([])
        self.storedMember = nil
    }
}

extension [HeldChannel] {
    /// The channels of a hold: those of the route, then those of the origin.
    ///
    /// - Parameters:
    ///   - channels: What the origin said. Of several with one name the last counts.
    ///   - implicit: What the route says.
    ///   - prefix: The route's prefix.
    ///   - limit: How many there may be.
    /// - Returns: The channels, and the names of those that were left out.
    package static func held(
        _ channels: [GRIPChannel],
        implicit: [String],
        prefix: String,
        limit: Int
    ) -> (channels: [HeldChannel], leftOut: [String]) {
        var held: [HeldChannel] = []
        var leftOut: [String] = []
        for channel in implicit.map({ HeldChannel(implicit: $0) }) + channels.map({ HeldChannel($0, prefix: prefix) }) {
            if let index = held.firstIndex(where: { $0.name.hasSameBytes(as: channel.name) }) {
                held[index] = channel
            } else if held.count < limit {
                held.append(channel)
            } else {
                leftOut.append(channel.name)
            }
        }
        return (held, leftOut)
    }

    /// What the client has seen, for `Grip-Last`.
    package var lastIDs: [HeaderPolicy.LastID] {
        self.compactMap { channel in
            channel.previousID.map { HeaderPolicy.LastID(channel: channel.localName, id: $0) }
        }
    }

    var channelIDs: [String: String] {
        var ids: [String: String] = [:]
        for channel in self where channel.previousID != nil { ids[channel.localName] = channel.previousID }
        return ids
    }
}

extension String? {
    /// Whether two ids are the same, byte by byte.
    func isSameID(as other: String?) -> Bool {
        switch (self, other) {
        case (nil, nil): true
        case (let id?, let other?): id.utf8.elementsEqual(other.utf8)
        default: false
        }
    }
}
