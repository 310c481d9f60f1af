import NIOCore

/// A WebSocket frame, also one that must not be sent.
struct SocketFrame: Sendable, Hashable {
    static let continuation: UInt8 = 0x0
    static let text: UInt8 = 0x1
    static let binary: UInt8 = 0x2
    static let close: UInt8 = 0x8
    static let ping: UInt8 = 0x9
    static let pong: UInt8 = 0xA

    var opcode: UInt8
    var data = ByteBuffer()
    var isFinal = true
    var reserved: UInt8 = 0
    var isMasked = false

    init(_ opcode: UInt8, _ text: String = "", isFinal: Bool = true) {
        self.init(opcode, bytes: ByteBuffer(string: text), isFinal: isFinal)
    }

    init(_ opcode: UInt8, bytes: ByteBuffer, isFinal: Bool = true) {
        self.opcode = opcode
        self.data = bytes
        self.isFinal = isFinal
    }

    var isControl: Bool { self.opcode & 0x8 != 0 }

    func encode() -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger((self.isFinal ? 0x80 : 0) | self.reserved | self.opcode)
        let mask: UInt8 = self.isMasked ? 0x80 : 0
        switch self.data.readableBytes {
        case let count where count < 126: bytes.writeInteger(mask | UInt8(count))
        case let count where count < 65536:
            bytes.writeInteger(mask | 126)
            bytes.writeInteger(UInt16(count))
        case let count:
            bytes.writeInteger(mask | 127)
            bytes.writeInteger(UInt64(count))
        }
        guard self.isMasked else {
            bytes.writeImmutableBuffer(self.data)
            return bytes
        }
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        bytes.writeBytes(key)
        bytes.writeBytes(Self.mask(self.data, with: key))
        return bytes
    }

    /// Takes a frame from what arrived, or nothing where more must arrive.
    static func read(from bytes: inout ByteBuffer) -> SocketFrame? {
        var rest = bytes
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        let count: Int?
        switch second & 0x7F {
        case 126: count = rest.readInteger(as: UInt16.self).map(Int.init)
        case 127: count = rest.readInteger(as: UInt64.self).flatMap(Int.init(exactly:))
        case let short: count = Int(short)
        }
        let isMasked = second & 0x80 != 0
        let key = isMasked ? rest.readBytes(length: 4) : []
        guard let count, let key, let data = rest.readSlice(length: count) else { return nil }
        bytes = rest
        let plain = isMasked ? ByteBuffer(bytes: Self.mask(data, with: key)) : data
        var frame = SocketFrame(first & 0x0F, bytes: plain, isFinal: first & 0x80 != 0)
        frame.reserved = first & 0x70
        frame.isMasked = isMasked
        return frame
    }

    private static func mask(_ data: ByteBuffer, with key: [UInt8]) -> [UInt8] {
        var bytes = Array(data.readableBytesView)
        for index in bytes.indices { bytes[index] ^= key[index % 4] }
        return bytes
    }
}
