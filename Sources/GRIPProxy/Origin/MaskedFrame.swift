import NIOCore

extension ByteBuffer {
    /// What a masked frame has besides its payload, at most.
    static let maskedFrameHeadByteCount = 14

    /// Writes a frame as clients do (RFC 6455 section 5.3).
    ///
    /// - Parameters:
    ///   - opcode: What it is.
    ///   - isFinal: Whether a message ends with it.
    ///   - payload: The payload, which is not masked.
    ///   - key: What masks it.
    mutating func writeMaskedFrame(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer, key: UInt32) {
        let count = payload.readableBytes
        self.writeFrameHead(opcode, isFinal: isFinal, isMasked: true, byteCount: count)
        self.writeInteger(key, endianness: .little)
        let keys = UInt64(key) | UInt64(key) << 32
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            payload.withUnsafeReadableBytes { source in
                var index = 0
                while index + 8 <= count {
                    let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    target.storeBytes(of: (word ^ keys).littleEndian, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < count {
                    target[index] = source[index] ^ UInt8(truncatingIfNeeded: keys >> UInt64(index % 4 * 8))
                    index += 1
                }
            }
            return count
        }
    }
}
