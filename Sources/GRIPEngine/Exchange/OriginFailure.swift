/// Why there is no response, or only a part of one.
package enum OriginFailure: Error, Sendable, Hashable {
    /// No connection could be made, so nothing was sent.
    case unreachable(String)
    /// There are too many requests to the server, so nothing was sent.
    case busy
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
        case .unreachable, .busy: true
        case .forbidden, .closed, .timedOut, .invalid: false
        }
    }

    /// All words that ``label`` can be.
    package static let labels = ["unreachable", "busy", "forbidden", "closed", "timeout", "invalid"]

    /// A word for a metric.
    package var label: String {
        switch self {
        case .unreachable: "unreachable"
        case .busy: "busy"
        case .forbidden: "forbidden"
        case .closed: "closed"
        case .timedOut: "timeout"
        case .invalid: "invalid"
        }
    }
}

extension OriginFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let reason): "cannot be reached: \(reason)"
        case .busy: "has as many connections as 'limits.originConnections' allows, and none became free in time"
        case .forbidden: "has a private address, which an 'untrusted' target must not have"
        case .closed: "closed the connection before it had answered"
        case .timedOut: "did not answer in time"
        case .invalid(let reason): "answered with something that is not valid HTTP: \(reason)"
        }
    }
}
