package import GRIP

/// The tie between a held connection and one channel.
///
/// It belongs to the event loop of its connection, as everything that holds it.
package final class Subscription<Member: AnyObject> {
    package let channel: SubscribedChannel<Member>
    package let kind: HoldKind
    package let member: Member
    /// Where the member finds the channel in its own list.
    package var slot: Int
    /// Where the channel finds this in its list, or nothing after the end.
    var position: Int?
    /// Who the member is for presence, where the origin has named it.
    package var presence: Boxed<GRIPMember>?

    init(_ member: Member, on channel: SubscribedChannel<Member>, kind: HoldKind, slot: Int, position: Int) {
        self.member = member
        self.channel = channel
        self.kind = kind
        self.slot = slot
        self.position = position
    }

    /// Whether the channel still reaches the member.
    ///
    /// Somebody who goes through the members of a channel may end some of them on the way.
    package var isActive: Bool { self.position != nil }
}
