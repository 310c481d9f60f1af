/// What happens to a connection.
public enum GRIPNATSEvent: Sendable, Hashable {
    /// There is a connection, and all subscriptions are with the server.
    ///
    /// - `server`: The host, the port and the name of the server.
    case connected(server: String)
    /// There is no connection; others are attempted until there is one.
    ///
    /// It is told once for each loss, and after it once for each server; for a server again when an attempt fails for another
    /// reason than the one before. Messages that are published from here on until ``connected(server:)`` are missed.
    case disconnected(GRIPNATSError)
    /// The server does not permit something, or is not content with something else; the connection stays.
    case refused(GRIPNATSError)
    /// The server is about to end, and ends its connections one after the other.
    case serverLeaving
    /// A message was larger than ``GRIPNATSConfiguration/receivedMessageLimit``.
    case messageSkipped(byteCount: Int)
}
