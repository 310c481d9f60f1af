/// Whether a ``GRIPBus`` has taken publications.
public enum GRIPBusAcceptance: Sendable, Hashable {
    /// Why a bus does not take publications.
    public struct Refusal: Sendable, Hashable, CaseIterable, CustomStringConvertible {
        private enum Value: String, Sendable, CaseIterable { case disconnected, full, tooLarge }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// The bus is not connected, and keeps nothing for later.
        public static let disconnected = Refusal(.disconnected)
        /// As much as may wait is waiting already.
        public static let full = Refusal(.full)
        /// One of the publications is larger than the server takes; to publish the others again, without it, may succeed.
        public static let tooLarge = Refusal(.tooLarge)

        /// All reasons.
        public static var allCases: [Refusal] { Value.allCases.map { Refusal($0) } }

        /// The reason of a description, or `nil` where there is none.
        package init?(_ description: String) {
            guard let value = Value(rawValue: description) else { return nil }
            self.init(value)
        }

        /// The reason as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// All are taken.
    case taken
    /// None is taken.
    case refused(reason: Refusal)

    /// Why the publications are not taken, or `nil` when they are.
    public var refusal: Refusal? {
        switch self {
        case .taken: nil
        case .refused(let reason): reason
        }
    }
}
