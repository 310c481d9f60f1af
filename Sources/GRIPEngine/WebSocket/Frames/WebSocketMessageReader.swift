package import GRIP
package import NIOCore

/// Reads whole messages from the frames of one side of a WebSocket, see ``WebSocketFrameReader``.
///
/// A message that comes in one frame is not copied.
package struct WebSocketMessageReader: Sendable {
    /// What a frame completes.
    package enum Output: Sendable, Hashable {
        /// Nothing yet, or nothing any more.
        case none
        case message(WebSocketMessageKind, ByteBuffer)
        case ping(ByteBuffer)
        case pong(ByteBuffer)
        /// The sender's Close frame, which may have no code.
        case close(WebSocketClose?)
        /// A broken rule, with the Close frame that tells the sender.
        case violation(WebSocketClose)
    }

    private var frames: WebSocketFrameReader
    private var kind: WebSocketMessageKind?
    private var content = ByteBuffer()

    /// Makes a reader for one side of a connection.
    ///
    /// - Parameters:
    ///   - sender: Who sends the frames.
    ///   - maximumMessageSize: The payload that a message may have, in bytes; no more is ever held back.
    package init(from sender: WebSocketFrameReader.Sender, maximumMessageSize: Int) {
        self.frames = WebSocketFrameReader(from: sender, maximumMessageSize: maximumMessageSize)
    }

    /// Takes the next frame, see ``WebSocketFrameReader/read(opcode:isFinal:reservedBits:isMasked:payload:)``.
    package mutating func read(
        opcode: UInt8,
        isFinal: Bool,
        reservedBits: UInt8,
        isMasked: Bool,
        payload: ByteBuffer
    ) -> Output {
        let output = self.frames.read(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            isMasked: isMasked,
            payload: payload
        )
        switch output {
        case .none: return .none
        case .fragment(let kind, let isFinal, let payload): return self.assemble(kind, isFinal: isFinal, payload)
        case .ping(let payload): return .ping(payload)
        case .pong(let payload): return .pong(payload)
        case .close(let close):
            self.forget()
            return .close(close)
        case .violation(let close):
            self.forget()
            return .violation(close)
        }
    }

    private mutating func assemble(
        _ kind: WebSocketMessageKind?,
        isFinal: Bool,
        _ payload: ByteBuffer
    ) -> Output {
        if let kind, isFinal { return .message(kind, payload) }
        if let kind { self.kind = kind }
        // Copied, as a piece of a few bytes would else keep all that was read with it.
        self.content.writeImmutableBuffer(payload)
        guard isFinal, let kind = self.kind else { return .none }
        let content = self.content
        self.forget()
        return .message(kind, content)
    }

    private mutating func forget() {
        self.kind = nil
        self.content = ByteBuffer()
    }
}
