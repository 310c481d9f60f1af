import NIOCore

/// What a server said, as a log line may hold it: short, and with printable ASCII characters only.
enum LineExcerpt {
    static let maximumByteCount = 256

    static func text(of buffer: ByteBuffer) -> String { Self.text(of: buffer.readableBytesView) }

    static func text(of bytes: some Collection<UInt8>) -> String {
        var text = ""
        for byte in bytes.prefix(Self.maximumByteCount) {
            if (0x20...0x7E).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return bytes.count > Self.maximumByteCount ? text + "…" : text
    }
}
