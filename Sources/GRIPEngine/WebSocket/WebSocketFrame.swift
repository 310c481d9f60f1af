package import NIOCore

/// A frame of a WebSocket, unmasked (RFC 6455 section 5.2).
package struct WebSocketFrame: Sendable, Hashable {
    package enum Opcode: UInt8, Sendable, Hashable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        package var isControl: Bool { self.rawValue >= 8 }
    }

    package var opcode: Opcode
    package var isFinal: Bool
    package var payload: ByteBuffer

    package init(_ opcode: Opcode, isFinal: Bool = true, _ payload: ByteBuffer = ByteBuffer()) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.payload = payload
    }
}
