/// When the other instances are asked whom they have on a channel, and again where some do not answer.
struct PresenceQuestion: Sendable {
    /// When it is asked, or `nil` where nothing is to be asked.
    private(set) var time: EngineTime?
    /// Whether all instances are asked, known or not.
    private var isForAll = false
    private var lastTime: EngineTime?
    private var wait = PresenceRoster.Times.asking.lowerBound

    /// Sets when it is asked, at most once a second and not later than it was to be.
    ///
    /// - Returns: When it is asked, where that has become earlier.
    mutating func schedule(at time: EngineTime, forAll: Bool = false) -> EngineTime? {
        if forAll { self.isForAll = true }
        let shortest = PresenceRoster.Times.asking.lowerBound
        self.wait = shortest
        let time = max(time, self.lastTime.map { $0 + shortest } ?? time)
        if let known = self.time, known <= time { return nil }
        self.time = time
        return time
    }

    /// Asks nobody until it is scheduled again.
    mutating func cancel() { self.time = nil }

    /// Asks, where it is time, and waits longer for the answer each time.
    ///
    /// - Parameters:
    ///   - missing: The instances that have not answered.
    ///   - now: The time.
    /// - Returns: The instances to be asked, or `nil` for none. No instances stand for all.
    mutating func ask(_ missing: [UInt64], now: EngineTime) -> [UInt64]? {
        guard let time, time <= now else { return nil }
        guard self.isForAll || !missing.isEmpty else {
            self.time = nil
            return nil
        }
        self.lastTime = now
        self.time = now + self.wait
        self.wait = min(self.wait * 2, PresenceRoster.Times.asking.upperBound)
        defer { self.isForAll = false }
        return self.isForAll ? [] : missing
    }
}
