/// What has been counted about presence since the proxy began.
struct PresenceCounters: Sendable, Hashable {
    /// Messages that the bus has taken for other instances.
    var sentMessages = 0
    /// Messages that it has not taken.
    var refusedMessages = 0
    var receivedMessages = 0
    /// Messages that are none.
    var invalidMessages = 0
    /// Messages that were left aside because of how many other instances there are.
    var ignoredMessages = 0
    /// How often other instances were asked whom they have.
    var questions = 0
    /// How often a member was not noted, because its channel had as many as it may.
    var refusedMembers = 0
    var refusedWatchers = 0
    /// Changes that watchers did not take in time.
    var changesLeftOut = 0
    /// Departures that the application did not take in time.
    var droppedDepartures = 0
    /// Connections that were ended because their members were kicked.
    var kickedConnections = 0

    private static let numbers: [any WritableKeyPath<PresenceCounters, Int> & Sendable] = [
        \.sentMessages,
        \.refusedMessages,
        \.receivedMessages,
        \.invalidMessages,
        \.ignoredMessages,
        \.questions,
        \.refusedMembers,
        \.refusedWatchers,
        \.changesLeftOut,
        \.droppedDepartures,
        \.kickedConnections,
    ]

    static func += (lhs: inout PresenceCounters, rhs: PresenceCounters) {
        for number in Self.numbers { lhs[keyPath: number] += rhs[keyPath: number] }
    }
}
