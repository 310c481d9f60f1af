package import NIOCore

/// What filters do to content.
package enum FilterOutcome: Sendable, Hashable {
    /// The content goes on as it is.
    case unchanged
    /// This takes its place.
    case replaced(ByteBuffer)
    /// The client is not to have it.
    case dropped
    /// It cannot be delivered, for a reason in words; what comes later can.
    case failed(String)
}
