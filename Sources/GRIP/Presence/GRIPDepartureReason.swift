/// Why a member has left a channel.
public struct GRIPDepartureReason: Sendable, Hashable, CaseIterable, CustomStringConvertible {
    private enum Value: String, Sendable, CaseIterable {
        case closed, timedOut, overflow, kicked, moved, shutdown, instanceLost
    }

    private let value: Value

    private init(_ value: Value) { self.value = value }

    /// The client went away, or its response or subscription ended.
    ///
    /// Also the reason of a departure that a watcher has missed and finds out later.
    public static let closed = GRIPDepartureReason(.closed)
    /// The client did not answer for too long, or its connection had reached its age.
    public static let timedOut = GRIPDepartureReason(.timedOut)
    /// The client did not take what was sent to it as fast as it came.
    public static let overflow = GRIPDepartureReason(.overflow)
    /// ``GRIPPresence/kick(_:from:)`` ended all connections of the member.
    public static let kicked = GRIPDepartureReason(.kicked)
    /// The instance of the member ended in order, and the member did not come to another instance in time.
    public static let moved = GRIPDepartureReason(.moved)
    /// The instance of the member ended in order, and members are not expected to come back.
    public static let shutdown = GRIPDepartureReason(.shutdown)
    /// Nothing has been heard of the instance of the member for too long.
    public static let instanceLost = GRIPDepartureReason(.instanceLost)

    /// All reasons.
    public static var allCases: [GRIPDepartureReason] { Value.allCases.map { GRIPDepartureReason($0) } }

    /// The reason of a description, or `nil` where there is none.
    package init?(_ description: String) {
        guard let value = Value(rawValue: description) else { return nil }
        self.init(value)
    }

    /// The reason as a bounded, lower-camel-case word, fit for a metric label and for JSON.
    public var description: String { self.value.rawValue }
}
