/// One event of a stream of server-sent events.
struct ServerSentEvent: Sendable, Hashable {
    /// What keeps a quiet stream alive.
    static let tick = ServerSentEvent(type: "keep-alive", id: nil, data: "")

    var type = "message"
    var id: String?
    var data = ""

    /// Reads the lines of an event; nil if they are but comments.
    init?(_ lines: [Substring]) {
        var data: [Substring] = []
        var hasFields = false
        for line in lines where !line.isEmpty && !line.hasPrefix(":") {
            hasFields = true
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let rest = parts.count > 1 ? parts[1] : ""
            let value = rest.hasPrefix(" ") ? rest.dropFirst() : rest
            switch parts[0] {
            case "event": self.type = String(value)
            case "id": self.id = String(value)
            case "data": data.append(value)
            default: break
            }
        }
        guard hasFields else { return nil }
        self.data = data.joined(separator: "\n")
    }

    init(type: String, id: String?, data: String) {
        self.type = type
        self.id = id
        self.data = data
    }
}

extension StreamedResponse {
    /// The next event, past comments and, unless they are wanted, ticks: on a busy machine any stream may be quiet.
    func nextEvent(orTick wantsTicks: Bool = false, within limit: Duration = .seconds(60)) async throws
        -> ServerSentEvent
    {
        let deadline = ContinuousClock.now + limit
        while true {
            let text = try await self.readUntil("\n\n", within: deadline - .now)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let event = ServerSentEvent(lines), wantsTicks || event != .tick else { continue }
            return event
        }
    }

    /// That many events.
    func events(_ count: Int) async throws -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for _ in 0..<count { events.append(try await self.nextEvent()) }
        return events
    }
}
