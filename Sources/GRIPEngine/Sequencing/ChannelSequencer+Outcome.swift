package import GRIP

extension ChannelSequencer {
    /// What becomes of a publication.
    package enum Outcome: Sendable, Hashable {
        /// It is to be delivered now, and nothing else.
        case deliverOnly
        /// It is to be delivered now, and then what waited for it: all of these in order.
        case deliver([GRIPPublication])
        /// Its id was seen lately.
        case duplicate
        /// It waits for the one before it; ``ChannelSequencer/nextDeadline`` may have changed.
        case waiting
        /// It would have to wait, and cannot; it is lost unless it is published again.
        case dropped(DropReason)
    }

    /// Why a publication cannot wait.
    package enum DropReason: String, Sendable, Hashable, CaseIterable {
        /// Another waits for the same one before it.
        case samePreviousID
        /// Too many wait on the channel.
        case channelFull
        /// Too many, or too many bytes, wait on all channels.
        case full
    }

    /// What has happened since the start.
    package struct Counters: Sendable, Hashable {
        /// Publications that were not delivered because their id was seen lately.
        package var duplicates = 0
        /// Publications that waited until the one before them came.
        package var reordered = 0
        /// Publications that waited in vain and were delivered all the same.
        package var overdue = 0
        /// Publications that could not wait, by reason.
        package var dropped: [DropReason: Int] = [:]
        /// Publications that waited when the last subscriber of their channel went.
        package var lost = 0
        /// Ids that were forgotten early for lack of room.
        package var forgottenIDs = 0
        /// Channels that lost their last id for lack of room.
        package var forgottenLastIDs = 0

        package init() {}

        package static func += (lhs: inout Counters, rhs: Counters) {
            lhs.duplicates += rhs.duplicates
            lhs.reordered += rhs.reordered
            lhs.overdue += rhs.overdue
            lhs.dropped.merge(rhs.dropped, uniquingKeysWith: +)
            lhs.lost += rhs.lost
            lhs.forgottenIDs += rhs.forgottenIDs
            lhs.forgottenLastIDs += rhs.forgottenLastIDs
        }
    }
}
