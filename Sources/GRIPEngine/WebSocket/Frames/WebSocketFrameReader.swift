package import GRIP
package import NIOCore

/// Holds the frames of one side of a WebSocket against RFC 6455, and passes pieces of messages on as they come.
///
/// The frames are decoded and unmasked already. Text is checked as it arrives, so that bad text is refused with the frame
/// that shows it. After a close or a violation nothing more comes out.
package struct WebSocketFrameReader: Sendable {
    /// Who sends the frames: clients mask theirs, origins do not.
    package enum Sender: Sendable, Hashable {
        case client
        case origin
    }

    /// What a frame is.
    package enum Output: Sendable, Hashable {
        /// Nothing, because the sender has closed the connection or broken a rule before.
        case none
        /// A whole message or a piece of one; only the first piece has a kind.
        case fragment(WebSocketMessageKind?, isFinal: Bool, ByteBuffer)
        case ping(ByteBuffer)
        case pong(ByteBuffer)
        /// The sender's Close frame, which may have no code.
        case close(WebSocketClose?)
        /// A broken rule, with the Close frame that tells the sender.
        case violation(WebSocketClose)
    }

    /// The payload that a message may have, in bytes.
    package let maximumMessageSize: Int

    private let sender: Sender
    private var message: Message?
    private var hasEnded = false

    /// A message of which there is more to come.
    private struct Message: Sendable {
        let isText: Bool
        var size = 0
        var validator = UTF8Validator()
    }

    /// Makes a reader for one side of a connection.
    ///
    /// - Parameters:
    ///   - sender: Who sends the frames.
    ///   - maximumMessageSize: The payload that a message may have, in bytes.
    package init(from sender: Sender, maximumMessageSize: Int) {
        self.sender = sender
        self.maximumMessageSize = maximumMessageSize
    }

    /// Takes the next frame.
    ///
    /// - Parameters:
    ///   - opcode: The lower four bits of the first byte.
    ///   - isFinal: Whether the highest bit of the first byte is set.
    ///   - reservedBits: The three bits in between; any but 0 is refused.
    ///   - isMasked: Whether the frame was masked.
    ///   - payload: The unmasked payload.
    package mutating func read(
        opcode: UInt8,
        isFinal: Bool,
        reservedBits: UInt8,
        isMasked: Bool,
        payload: ByteBuffer
    ) -> Output {
        guard !self.hasEnded else { return .none }
        let output: Output
        if reservedBits != 0 {
            output = .protocolError("a reserved bit is set")
        } else if isMasked != (self.sender == .client) {
            output = .protocolError(isMasked ? "a server must not mask" : "a client must mask")
        } else if opcode >= 0x8 {
            output = self.readControl(opcode, isFinal: isFinal, payload)
        } else {
            output = self.readData(opcode, isFinal: isFinal, payload)
        }
        switch output {
        case .close, .violation: self.hasEnded = true
        case .none, .fragment, .ping, .pong: break
        }
        return output
    }

    private func readControl(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer) -> Output {
        guard isFinal else { return .protocolError("a control frame is fragmented") }
        guard payload.readableBytes <= WebSocketOutgoingFrame.maximumControlPayload else {
            return .protocolError("a control frame is too long")
        }
        switch opcode {
        case 0x8: return Self.readClose(payload)
        case 0x9: return .ping(payload)
        case 0xA: return .pong(payload)
        default: return .protocolError("an opcode is not known")
        }
    }

    private static func readClose(_ payload: ByteBuffer) -> Output {
        guard payload.readableBytes > 0 else { return .close(nil) }
        var payload = payload
        guard let number = payload.readInteger(as: UInt16.self) else {
            return .protocolError("half a close code")
        }
        let code = WebSocketCloseCode(rawValue: number)
        // What may be sent is also what may arrive: the rest is reserved or not assigned.
        guard code.isSendable else { return .protocolError("a close code must not be sent") }
        guard let reason = String(validating: payload.readableBytesView, as: UTF8.self) else {
            return .violation(WebSocketClose(unchecked: .invalidPayload, reason: "a close reason is not UTF-8"))
        }
        return .close(WebSocketClose(unchecked: code, reason: reason))
    }

    private mutating func readData(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer) -> Output {
        let kind: WebSocketMessageKind?
        switch opcode {
        case 0x0: kind = nil
        case 0x1: kind = .text
        case 0x2: kind = .binary
        default: return .protocolError("an opcode is not known")
        }
        guard (kind == nil) == (self.message != nil) else {
            return .protocolError(kind == nil ? "nothing to continue" : "a message is not finished")
        }
        var message = self.message ?? Message(isText: kind == .text)
        self.message = nil
        guard payload.readableBytes <= self.maximumMessageSize - message.size else {
            return .violation(WebSocketClose(unchecked: .messageTooBig, reason: "a message is too long"))
        }
        message.size += payload.readableBytes
        if message.isText {
            let isValid = message.validator.accepts(payload.readableBytesUInt8Span)
            guard isValid, message.validator.isComplete || !isFinal else {
                return .violation(WebSocketClose(unchecked: .invalidPayload, reason: "text is not UTF-8"))
            }
        }
        if !isFinal { self.message = message }
        return .fragment(kind, isFinal: isFinal, payload)
    }
}

extension WebSocketFrameReader.Output {
    fileprivate static func protocolError(_ reason: String) -> Self {
        .violation(WebSocketClose(unchecked: .protocolError, reason: reason))
    }
}
