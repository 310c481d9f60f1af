/// One thing that a GRIP proxy does.
public struct GRIPConformanceScenario: Sendable, Identifiable {
    /// How much depends on it.
    public enum Level: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
        /// Origins and clients rely on it.
        case must
        /// Some origins and clients rely on it.
        case should
        /// Hardly anything relies on it.
        case could

        /// The level's name.
        public var description: String { self.rawValue }
    }

    /// A name that stays the same, such as `hold.stream.publish`.
    public let id: String
    /// What the proxy does, in one sentence.
    public let title: String
    /// How much depends on it.
    public let level: Level
    /// Whether it takes more than two seconds, because it waits for timers of the proxy.
    public let isSlow: Bool
    /// Whether nothing else may happen on the proxy meanwhile.
    public let isAlone: Bool
    let run: @Sendable (ConformanceEnvironment) async throws -> Void

    init(
        _ id: String,
        _ title: String,
        _ level: Level,
        isSlow: Bool = false,
        isAlone: Bool = false,
        run: @escaping @Sendable (ConformanceEnvironment) async throws -> Void
    ) {
        self.id = id
        self.title = title
        self.level = level
        self.isSlow = isSlow
        self.isAlone = isAlone
        self.run = run
    }
}

extension GRIPConformanceScenario: CustomStringConvertible {
    /// The id and the title.
    public var description: String { "\(self.id): \(self.title)" }
}
