import GRIPEngine

/// What has been counted since the proxy began, on one event loop or on all.
struct ProxyCounters: Sendable {
    // MARK: Clients

    var connectionsOpened = 0
    var connectionsRefused = 0
    var acceptPauses = 0
    var connectionsAged = 0
    /// Pings of the proxy itself.
    var pings = 0
    /// How long connections have lasted, all together.
    var connectionMilliseconds = 0
    var clientsTimedOut: [ClientTimeout: Int] = [:]
    var requestsReceived = 0
    var requestsWithoutRoute = 0
    var requestsTooLargeToHold = 0
    var headsTooLarge = 0
    var badRequests = 0
    var tooLarge: [SizeLimit: Int] = [:]
    var responsesAborted = 0
    /// How often a connection is read in smaller parts from then on, because it sends many small things.
    var readsLimited = 0

    // MARK: Origins

    var originRequests = 0
    var originConnectionsOpened = 0
    var originConnectionsExpired = 0
    var originRequestsDelayed = 0
    var originRequestsRepeated = 0
    var originFailures: [String: Int] = [:]
    var linksFollowed = 0
    var linkFailures: [LinkProblem: Int] = [:]
    var badInstructions = 0
    var channelsLeftOut = 0

    // MARK: Held connections

    var holdsBegun = CountByKind()
    var holdsEnded = CountByKind()
    /// Items that were written to connections.
    var delivered = CountByKind()
    var overflowed = 0
    var overflowedBytes = 0
    var filterFailures = 0

    // MARK: Publishers

    var itemsReceived = CountBySource()
    /// What went to other instances and came from them.
    var bus = BusCounters()
    var publishersDelayed = 0
    var presence = PresenceCounters()
    /// What became of items that were not delivered at once.
    var sequencing = ChannelSequencer.Counters()
    var controlResponses: [Int: Int] = [:]
    var controlRefusals: [ControlResponse.Refusal: Int] = [:]

    // MARK: Logs

    var logLinesLeftOut = 0
    var logLinesDropped = 0
    var logTextsCut = 0

    /// The counters that are plain numbers.
    static let numbers: [any WritableKeyPath<ProxyCounters, Int> & Sendable] = [
        \.connectionsOpened,
        \.connectionsRefused,
        \.acceptPauses,
        \.connectionsAged,
        \.pings,
        \.connectionMilliseconds,
        \.requestsReceived,
        \.requestsWithoutRoute,
        \.requestsTooLargeToHold,
        \.headsTooLarge,
        \.badRequests,
        \.responsesAborted,
        \.readsLimited,
        \.originRequests,
        \.originConnectionsOpened,
        \.originConnectionsExpired,
        \.originRequestsDelayed,
        \.originRequestsRepeated,
        \.linksFollowed,
        \.badInstructions,
        \.channelsLeftOut,
        \.overflowed,
        \.overflowedBytes,
        \.filterFailures,
        \.publishersDelayed,
        \.logLinesLeftOut,
        \.logLinesDropped,
        \.logTextsCut,
    ]

    static func += (lhs: inout ProxyCounters, rhs: ProxyCounters) {
        for number in Self.numbers { lhs[keyPath: number] += rhs[keyPath: number] }
        lhs.clientsTimedOut.merge(rhs.clientsTimedOut, uniquingKeysWith: +)
        lhs.tooLarge.merge(rhs.tooLarge, uniquingKeysWith: +)
        lhs.originFailures.merge(rhs.originFailures, uniquingKeysWith: +)
        lhs.linkFailures.merge(rhs.linkFailures, uniquingKeysWith: +)
        lhs.itemsReceived += rhs.itemsReceived
        lhs.bus += rhs.bus
        lhs.presence += rhs.presence
        lhs.holdsBegun += rhs.holdsBegun
        lhs.holdsEnded += rhs.holdsEnded
        lhs.delivered += rhs.delivered
        lhs.sequencing += rhs.sequencing
        lhs.controlResponses.merge(rhs.controlResponses, uniquingKeysWith: +)
        lhs.controlRefusals.merge(rhs.controlRefusals, uniquingKeysWith: +)
    }
}
