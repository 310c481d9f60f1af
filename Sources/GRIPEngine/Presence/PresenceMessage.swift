import GRIP

/// What instances tell each other about presence, over a bus.
package struct PresenceMessage: Sendable, Hashable {
    /// What is told.
    package enum Content: Sendable, Hashable {
        /// The instance is there; told each second.
        ///
        /// `lost` is the number of the last message of the instance that the bus did not take: lists that are older are to
        /// be asked for again. Where there is a `grace`, the instance ends, and its members have that time after the last
        /// such message to appear elsewhere.
        case alive(lost: Int, grace: Duration?)
        /// These instances, or all where it is `nil`, are to tell whom they have on a channel.
        case question(channel: String, of: [UInt64]?)
        /// All connections of a member are to end.
        case kick(channel: String, key: String)
        /// Whom the instance has on a channel, in place of all before.
        ///
        /// All messages of the instance up to the number are in it. A long list comes in several parts with the same number.
        case snapshot(channel: String, number: Int, part: Int, parts: Int, [PresenceEntry])
        /// What changes on a channel, for those who know what the instance has told of it up to the previous number.
        case changes(channel: String, number: Int, previous: Int, [PresenceEdit])
    }

    /// About how many bytes of members a message holds; more go into several.
    ///
    /// Quotes in infos are escaped twice on their way through a bus, which makes four bytes of one at worst.
    static let targetByteCount = 32 * 1024

    /// The instance that tells it: a random number of its start, so that an instance that starts again is another one.
    package let owner: UInt64
    package let content: Content

    package init(owner: UInt64, _ content: Content) {
        self.owner = owner
        self.content = content
    }

    /// The channel of the bus that carries it.
    package var busChannel: String {
        switch self.content {
        case .alive, .question, .kick: PresenceBusChannel.all
        case .snapshot(let channel, _, _, _, _), .changes(let channel, _, _, _):
            PresenceBusChannel.changes(of: channel)
        }
    }
}
