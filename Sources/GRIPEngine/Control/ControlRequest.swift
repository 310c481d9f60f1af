package import NIOCore

/// A request to the control API.
package struct ControlRequest: Sendable, Hashable {
    package var head: ControlHead
    package var body: ByteBuffer

    package init(_ head: ControlHead, body: ByteBuffer = ByteBuffer()) {
        self.head = head
        self.body = body
    }
}
