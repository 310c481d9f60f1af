package import NIOCore

/// What a server says.
package enum NATSServerOperation: Sendable, Hashable {
    /// What the server is and wants, as JSON; see ``NATSServerInfo``.
    case info(ByteBuffer)
    case message(GRIPNATSMessage)
    /// A message for a subscription, with more bytes than are taken; its content was skipped.
    case skipped(subscription: UInt64, byteCount: Int)
    case ping
    case pong
    case ok
    /// The text of an error, without the quotes around it.
    case error(String)
}
