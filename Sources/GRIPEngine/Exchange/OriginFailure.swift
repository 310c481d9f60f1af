/// Why there is no response, or only a part of one.
package enum OriginFailure: Sendable, Hashable {
    /// No connection could be made, so nothing was sent.
    case unreachable(String)
    /// The address must not be connected to.
    case forbidden
    /// The connection ended before the whole response had come.
    case closed
    /// The response did not come in time.
    case timedOut
    /// What came is not a response.
    case invalid(String)

    /// Whether the request may be sent to another target: nobody has seen it.
    package var wasNeverSent: Bool {
        switch self {
        case .unreachable: true
        case .forbidden, .closed, .timedOut, .invalid: false
        }
    }

    /// All words that ``label`` can be.
    package static let labels = ["unreachable", "forbidden", "closed", "timeout", "invalid"]

    /// A word for a metric.
    package var label: String {
        switch self {
        case .unreachable: "unreachable"
        case .forbidden: "forbidden"
        case .closed: "closed"
        case .timedOut: "timeout"
        case .invalid: "invalid"
        }
    }
}
