/// Channels whose publications may not all have arrived through a ``GRIPBus``, and why.
public enum GRIPBusGap: Sendable, Hashable {
    /// Why publications may be missing.
    public struct Reason: Sendable, Hashable, CaseIterable, CustomStringConvertible {
        private enum Value: String, Sendable, CaseIterable { case disconnected, hole, overflow, refused }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// The bus was not connected for a while, and is again.
        ///
        /// Told after the first connection too, when channels were attended before it.
        public static let disconnected = Reason(.disconnected)
        /// What arrived is not numbered without holes, or an instance says that it has sent more.
        public static let hole = Reason(.hole)
        /// More came than this instance could take; the bus or its server threw some away.
        public static let overflow = Reason(.overflow)
        /// The server refuses the interest of this instance, so that nothing arrives until that is mended.
        public static let refused = Reason(.refused)

        /// All reasons.
        public static var allCases: [Reason] { Value.allCases.map { Reason($0) } }

        /// The reason as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// Any channel may be concerned.
    case all(Reason)
    /// These channels are concerned, and no others.
    case channels([String], Reason)

    /// Why publications may be missing.
    public var reason: Reason {
        switch self {
        case .all(let reason), .channels(_, let reason): reason
        }
    }
}
