/// What one event loop has counted since it began.
struct LoopCounters {
    var connectionsOpened = 0
    var requestsReceived = 0
    var requestsWithoutRoute = 0
    var originRequests = 0
    var originFailures: [String: Int] = [:]
    var linksFollowed = 0
    var streamsHeld = 0
    var streamsEnded = 0
    var responsesHeld = 0
    var responsesEnded = 0
    var webSocketsOpened = 0
    var delivered = 0
    var overflowed = 0
    var overflowedBytes = 0
    var filterFailures = 0
    var badInstructions = 0
}
