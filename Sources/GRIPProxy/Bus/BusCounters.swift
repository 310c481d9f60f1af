import GRIP

/// What has been counted about a bus since the proxy began.
struct BusCounters: Sendable, Hashable {
    /// Items that the bus has taken.
    var published = 0
    /// Items that it has not taken, by the reason.
    var refused: [String: Int] = [:]
    /// How often items may have been missed, by the reason.
    var missed: [String: Int] = [:]
    /// Items of other instances for which there was no room.
    var leftOut = 0
    /// What the bus itself has counted.
    var own = GRIPBusCounts()

    static func += (lhs: inout BusCounters, rhs: BusCounters) {
        lhs.published += rhs.published
        lhs.refused.merge(rhs.refused, uniquingKeysWith: +)
        lhs.missed.merge(rhs.missed, uniquingKeysWith: +)
        lhs.leftOut += rhs.leftOut
        lhs.own.connections += rhs.own.connections
        lhs.own.lostMessages += rhs.own.lostMessages
        lhs.own.skippedMessages += rhs.own.skippedMessages
        lhs.own.waitingBytes += rhs.own.waitingBytes
    }
}
