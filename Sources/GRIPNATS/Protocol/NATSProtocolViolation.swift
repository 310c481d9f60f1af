/// What came from a server and is not the protocol of NATS.
package struct NATSProtocolViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in words.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }

    package var description: String { self.reason }
}
