import GRIP
package import NIOCore

/// A frame to be written: a whole message, a piece of one, a ping or a pong.
package struct WebSocketOutgoingFrame: Sendable, Hashable {
    /// The type of the frame, with its number on the wire.
    package enum Opcode: UInt8, Sendable, Hashable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case ping = 0x9
        case pong = 0xA
    }

    package let opcode: Opcode
    package let isFinal: Bool
    package let payload: ByteBuffer

    private init(_ opcode: Opcode, isFinal: Bool = true, _ payload: ByteBuffer) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.payload = payload
    }

    package static func text(_ payload: ByteBuffer) -> Self { Self(.text, payload) }

    package static func binary(_ payload: ByteBuffer) -> Self { Self(.binary, payload) }

    package static func ping(_ payload: ByteBuffer) -> Self { Self(.ping, payload) }

    package static func pong(_ payload: ByteBuffer) -> Self { Self(.pong, payload) }

    /// A piece of a message.
    ///
    /// - Parameters:
    ///   - kind: What the message consists of, or nothing in all pieces but the first.
    ///   - isFinal: Whether the message ends with the piece.
    ///   - payload: The piece.
    package static func fragment(_ kind: WebSocketMessageKind?, isFinal: Bool, _ payload: ByteBuffer) -> Self {
        switch kind {
        case .text: Self(.text, isFinal: isFinal, payload)
        case .binary: Self(.binary, isFinal: isFinal, payload)
        case nil: Self(.continuation, isFinal: isFinal, payload)
        }
    }

    /// Whether the frame may stand between the pieces of a message.
    package var isControl: Bool { self.opcode == .ping || self.opcode == .pong }
}

extension WebSocketOutgoingFrame {
    /// The payload that a ping or pong has at most, in bytes.
    static let maximumControlPayload = 125

    init(_ message: WebSocketTimedMessage) {
        switch message {
        case .text(let text): self = .text(ByteBuffer(string: text))
        case .binary(let bytes): self = .binary(bytes)
        case .ping(let payload): self = .ping(payload)
        case .pong(let payload): self = .pong(payload)
        }
    }

    init(_ type: GRIPWebSocketMessage.MessageType, _ content: GRIPContent) {
        switch type {
        case .text: self = .text(content.bytes)
        case .binary: self = .binary(content.bytes)
        case .ping: self = .ping(content.bytes)
        case .pong: self = .pong(content.bytes)
        }
    }
}
