package import GRIP
package import NIOCore

/// Holds the frames of one side of a WebSocket to the rules of RFC 6455, and puts messages together.
package struct WebSocketFrameReader: Sendable, Hashable {
    /// A frame as a codec finds it on the wire.
    package struct RawFrame: Sendable, Hashable {
        package var opcode: UInt8
        package var isFinal: Bool
        package var hasReservedBits: Bool
        package var isMasked: Bool
        package var payload: ByteBuffer

        package init(opcode: UInt8, isFinal: Bool, hasReservedBits: Bool, isMasked: Bool, payload: ByteBuffer) {
            self.opcode = opcode
            self.isFinal = isFinal
            self.hasReservedBits = hasReservedBits
            self.isMasked = isMasked
            self.payload = payload
        }
    }

    package enum Result: Sendable, Hashable {
        /// A message has not come to its end.
        case incomplete
        /// A whole message.
        case message(WebSocketFrame)
        /// A part of a message, when messages are not put together.
        case fragment(WebSocketFrame)
        case ping(ByteBuffer)
        case pong(ByteBuffer)
        case close(WebSocketClose?)
        /// The other side breaks the rules: the connection is to be closed with this.
        case violation(WebSocketClose)
    }

    /// Whether frames must be masked: those of clients must, those of servers must not.
    private let expectsMask: Bool
    private let assembles: Bool
    private let limit: Int
    private var opcode: WebSocketFrame.Opcode?
    private var text: UTF8Validator?
    private var byteCount = 0
    private var assembled = ByteBuffer()
    private var isFailed = false

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - expectsMask: Whether the frames are a client's.
    ///   - assembles: Whether messages are put together; else their fragments are handed on.
    ///   - limit: The bytes of a message, or of a frame when messages are not put together.
    package init(expectsMask: Bool, assembles: Bool, limit: Int) {
        self.expectsMask = expectsMask
        self.assembles = assembles
        self.limit = limit
    }

    /// Takes a frame.
    package mutating func read(_ frame: RawFrame) -> Result {
        guard !self.isFailed else { return .incomplete }
        guard !frame.hasReservedBits else { return self.fail(.protocolError, "reserved bits are set") }
        guard frame.isMasked == self.expectsMask else {
            return self.fail(.protocolError, self.expectsMask ? "a frame is not masked" : "a frame is masked")
        }
        guard let opcode = WebSocketFrame.Opcode(rawValue: frame.opcode) else {
            return self.fail(.protocolError, "unknown opcode \(frame.opcode)")
        }
        return opcode.isControl ? self.readControl(opcode, frame) : self.readData(opcode, frame)
    }

    private mutating func fail(_ code: WebSocketCloseCode, _ reason: String) -> Result {
        self.isFailed = true
        self.assembled = ByteBuffer()
        return .violation(WebSocketClose(unchecked: code, reason: reason))
    }

    // MARK: Control frames

    private mutating func readControl(_ opcode: WebSocketFrame.Opcode, _ frame: RawFrame) -> Result {
        guard frame.isFinal else { return self.fail(.protocolError, "a control frame is fragmented") }
        guard frame.payload.readableBytes <= 125 else {
            return self.fail(.protocolError, "a control frame has more than 125 bytes")
        }
        switch opcode {
        case .ping: return .ping(frame.payload)
        case .pong: return .pong(frame.payload)
        default: return self.readClose(frame.payload)
        }
    }

    private mutating func readClose(_ payload: ByteBuffer) -> Result {
        var payload = payload
        guard payload.readableBytes > 0 else { return .close(nil) }
        guard let code = payload.readInteger(as: UInt16.self) else {
            return self.fail(.protocolError, "a close frame has one byte")
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: return self.fail(.protocolError, "close code \(code) must not be sent")
        }
        guard let reason = String(validating: payload.readableBytesView, as: UTF8.self) else {
            return self.fail(.invalidPayload, "a close reason is not UTF-8")
        }
        return .close(WebSocketClose(unchecked: WebSocketCloseCode(rawValue: code), reason: reason))
    }

    // MARK: Messages

    private mutating func readData(_ opcode: WebSocketFrame.Opcode, _ frame: RawFrame) -> Result {
        if opcode == .continuation {
            guard self.opcode != nil else { return self.fail(.protocolError, "a message begins with a continuation") }
        } else {
            guard self.opcode == nil else { return self.fail(.protocolError, "a message begins inside another") }
            self.opcode = opcode
            self.text = opcode == .text ? UTF8Validator() : nil
            self.byteCount = 0
        }
        self.byteCount = (self.assembles ? self.byteCount : 0) + frame.payload.readableBytes
        guard self.byteCount <= self.limit else {
            return self.fail(.messageTooBig, "a message has more than \(self.limit) bytes")
        }
        guard self.isValid(frame) else { return self.fail(.invalidPayload, "a text is not UTF-8") }
        let kind = self.opcode ?? .binary
        if frame.isFinal {
            self.opcode = nil
            self.text = nil
        }
        guard self.assembles else {
            return .fragment(WebSocketFrame(opcode, isFinal: frame.isFinal, frame.payload))
        }
        return self.assemble(kind, opcode, frame)
    }

    private mutating func isValid(_ frame: RawFrame) -> Bool {
        guard var text = self.text else { return true }
        let isValid = frame.payload.withUnsafeReadableBytes { text.consume($0) }
        self.text = text
        return isValid && (!frame.isFinal || text.isAtBoundary)
    }

    private mutating func assemble(
        _ kind: WebSocketFrame.Opcode,
        _ opcode: WebSocketFrame.Opcode,
        _ frame: RawFrame
    ) -> Result {
        // Most messages are one frame, which is not copied.
        if opcode != .continuation, frame.isFinal { return .message(WebSocketFrame(kind, frame.payload)) }
        self.assembled.writeImmutableBuffer(frame.payload)
        guard frame.isFinal else { return .incomplete }
        let message = self.assembled
        self.assembled = ByteBuffer()
        return .message(WebSocketFrame(kind, message))
    }
}
