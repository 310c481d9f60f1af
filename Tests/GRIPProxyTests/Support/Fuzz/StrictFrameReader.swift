/// Reads the frames of one side of a WebSocket and takes nothing that RFC 6455 does not allow.
struct StrictFrameReader {
    struct Frame {
        var opcode: UInt8
        var isFinal: Bool
        var payload: [UInt8]
    }

    private let isMasked: Bool
    private var bytes: [UInt8] = []
    private var position = 0
    /// The message of which more is to come.
    private var message: (isText: Bool, payload: [UInt8])?
    private var isClosed = false

    /// Makes a reader.
    ///
    /// - Parameter isMasked: Whether the sender is a client.
    init(isMasked: Bool) { self.isMasked = isMasked }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        self.bytes.removeFirst(self.position)
        self.position = 0
        self.bytes += bytes
    }

    /// The next frame that has come as a whole.
    mutating func next() throws(StrictHTTPReader.Failure) -> Frame? {
        guard let (frame, end) = try self.frame() else { return nil }
        self.position = end
        guard !self.isClosed else { throw .malformed("a frame after a Close frame") }
        if frame.opcode >= 8 { try self.checkControl(frame) } else { try self.checkData(frame) }
        return frame
    }

    private func frame() throws(StrictHTTPReader.Failure) -> (frame: Frame, end: Int)? {
        let rest = self.bytes[self.position...]
        guard rest.count >= 2 else { return nil }
        let first = rest[rest.startIndex]
        let second = rest[rest.startIndex + 1]
        guard first & 0x70 == 0 else { throw .malformed("a reserved bit") }
        guard (second & 0x80 != 0) == self.isMasked else { throw .malformed("a mask, or none") }
        let lengthBytes = second & 0x7F == 127 ? 8 : second & 0x7F == 126 ? 2 : 0
        let start = 2 + lengthBytes + (self.isMasked ? 4 : 0)
        guard rest.count >= start else { return nil }
        let long = rest.dropFirst(2).prefix(lengthBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let length = Int(exactly: lengthBytes == 0 ? UInt64(second & 0x7F) : long) else {
            throw .malformed("a length of \(long)")
        }
        guard lengthBytes == 0 || length > (lengthBytes == 2 ? 125 : 65535) else {
            throw .malformed("a length that is not the shortest")
        }
        guard rest.count - start >= length else { return nil }
        let mask = Array(rest.dropFirst(2 + lengthBytes).prefix(4))
        let payload = rest.dropFirst(start).prefix(length)
        return (
            Frame(
                opcode: first & 0x0F,
                isFinal: first & 0x80 != 0,
                payload: self.isMasked ? payload.enumerated().map { $1 ^ mask[$0 % 4] } : Array(payload)
            ),
            self.position + start + length
        )
    }

    private mutating func checkControl(_ frame: Frame) throws(StrictHTTPReader.Failure) {
        guard frame.isFinal, frame.payload.count <= 125 else { throw .malformed("a long or divided control frame") }
        switch frame.opcode {
        case 9, 10: return
        case 8: self.isClosed = true
        default: throw .malformed("the opcode \(frame.opcode)")
        }
        guard !frame.payload.isEmpty else { return }
        guard frame.payload.count >= 2, String(validating: frame.payload.dropFirst(2), as: UTF8.self) != nil else {
            throw .malformed("the Close payload \(frame.payload)")
        }
        let code = Int(frame.payload[0]) << 8 | Int(frame.payload[1])
        guard (1000...4999).contains(code), ![1004, 1005, 1006, 1015].contains(code) else {
            throw .malformed("the close code \(code)")
        }
    }

    private mutating func checkData(_ frame: Frame) throws(StrictHTTPReader.Failure) {
        guard frame.opcode <= 2 else { throw .malformed("the opcode \(frame.opcode)") }
        guard (frame.opcode == 0) == (self.message != nil) else { throw .malformed("a message inside another") }
        var message = self.message ?? (frame.opcode == 1, [])
        message.payload += frame.payload
        self.message = frame.isFinal ? nil : message
        guard frame.isFinal, message.isText else { return }
        guard String(validating: message.payload, as: UTF8.self) != nil else { throw .malformed("text is not UTF-8") }
    }
}
