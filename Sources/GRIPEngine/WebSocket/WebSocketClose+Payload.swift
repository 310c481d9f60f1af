package import GRIP
package import NIOCore

extension WebSocketClose {
    /// The payload of a close frame (RFC 6455 section 5.5.1).
    ///
    /// A reason that does not fit is cut between characters.
    package var payload: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(self.code.rawValue)
        var reason = Substring(self.reason)
        while reason.utf8.count > Self.maximumReasonByteCount { reason.removeLast() }
        buffer.writeSubstring(reason)
        return buffer
    }
}
