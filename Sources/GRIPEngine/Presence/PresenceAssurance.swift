/// Whether watchers of a channel know all members, and what they are told of that.
///
/// Before the first snapshot, other instances have some time to answer, so that their members are in it and do not join one
/// by one. A snapshot that is complete stays so for watchers while something is asked for only a moment.
struct PresenceAssurance: Sendable {
    /// What watchers are told.
    enum Verdict: Sendable, Hashable {
        /// Nothing new; at that time, where there is one, it is to be judged again.
        case nothing(until: EngineTime?)
        /// A snapshot that is or is not complete.
        case snapshot(isComplete: Bool)
    }

    private let settlesBy: EngineTime
    /// What watchers were told last, or `nil` before the first snapshot.
    private(set) var told: Bool?
    private var doubtfulSince: EngineTime?

    init(settlesBy: EngineTime) { self.settlesBy = settlesBy }

    /// Takes note of whether all members are known.
    ///
    /// - Parameters:
    ///   - isComplete: Whether they are.
    ///   - isUrgent: Whether somebody asks right now, who is not to be told what is in doubt.
    ///   - now: The time.
    mutating func judge(isComplete: Bool, isUrgent: Bool = false, now: EngineTime) -> Verdict {
        if isComplete { self.doubtfulSince = nil }
        guard let told else {
            guard isComplete || now >= self.settlesBy else { return .nothing(until: nil) }
            return self.tell(isComplete)
        }
        guard told != isComplete else { return .nothing(until: nil) }
        guard !isComplete, !isUrgent else { return self.tell(isComplete) }
        guard let doubtfulSince else {
            self.doubtfulSince = now
            return .nothing(until: now + PresenceRoster.Times.doubt)
        }
        return now < doubtfulSince + PresenceRoster.Times.doubt ? .nothing(until: nil) : self.tell(false)
    }

    private mutating func tell(_ isComplete: Bool) -> Verdict {
        self.told = isComplete
        self.doubtfulSince = nil
        return .snapshot(isComplete: isComplete)
    }
}
