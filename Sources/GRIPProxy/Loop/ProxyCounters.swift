import GRIPEngine

/// What has been counted since the proxy began, on one event loop or on all.
struct ProxyCounters: Sendable {
    // MARK: Clients

    var connectionsOpened = 0
    var connectionsRefused = 0
    /// How long connections have lasted, all together.
    var connectionMilliseconds = 0
    var clientsTimedOut = 0
    var requestsReceived = 0
    var requestsWithoutRoute = 0
    var requestsTooLargeToHold = 0
    var headsTooLarge = 0
    var badRequests = 0
    var responsesAborted = 0

    // MARK: Origins

    var originRequests = 0
    var originFailures: [String: Int] = [:]
    var linksFollowed = 0
    var badInstructions = 0
    var channelsLeftOut = 0

    // MARK: Held connections

    var streamsHeld = 0
    var streamsEnded = 0
    var responsesHeld = 0
    var responsesEnded = 0
    var webSocketsOpened = 0
    var webSocketsClosed = 0
    /// Items that were written to connections.
    var delivered = CountByKind()
    var overflowed = 0
    var overflowedBytes = 0
    var filterFailures = 0

    // MARK: Publishers

    var itemsReceived = 0
    /// What became of items that were not delivered at once.
    var sequencing = ChannelSequencer.Counters()
    var controlResponses: [Int: Int] = [:]
    var controlRefusals: [ControlResponse.Refusal: Int] = [:]

    static func += (lhs: inout ProxyCounters, rhs: ProxyCounters) {
        lhs.connectionsOpened += rhs.connectionsOpened
        lhs.connectionsRefused += rhs.connectionsRefused
        lhs.connectionMilliseconds += rhs.connectionMilliseconds
        lhs.clientsTimedOut += rhs.clientsTimedOut
        lhs.requestsReceived += rhs.requestsReceived
        lhs.requestsWithoutRoute += rhs.requestsWithoutRoute
        lhs.requestsTooLargeToHold += rhs.requestsTooLargeToHold
        lhs.headsTooLarge += rhs.headsTooLarge
        lhs.badRequests += rhs.badRequests
        lhs.responsesAborted += rhs.responsesAborted
        lhs.originRequests += rhs.originRequests
        lhs.originFailures.merge(rhs.originFailures, uniquingKeysWith: +)
        lhs.linksFollowed += rhs.linksFollowed
        lhs.badInstructions += rhs.badInstructions
        lhs.channelsLeftOut += rhs.channelsLeftOut
        lhs.streamsHeld += rhs.streamsHeld
        lhs.streamsEnded += rhs.streamsEnded
        lhs.responsesHeld += rhs.responsesHeld
        lhs.responsesEnded += rhs.responsesEnded
        lhs.webSocketsOpened += rhs.webSocketsOpened
        lhs.webSocketsClosed += rhs.webSocketsClosed
        lhs.delivered += rhs.delivered
        lhs.overflowed += rhs.overflowed
        lhs.overflowedBytes += rhs.overflowedBytes
        lhs.filterFailures += rhs.filterFailures
        lhs.itemsReceived += rhs.itemsReceived
        lhs.sequencing += rhs.sequencing
        lhs.controlResponses.merge(rhs.controlResponses, uniquingKeysWith: +)
        lhs.controlRefusals.merge(rhs.controlRefusals, uniquingKeysWith: +)
    }
}
