import GRIP
import NIOCore

/// Finds lines and content in bytes that come in pieces.
///
/// A line is looked at byte by byte from its beginning, so that it does not matter where the pieces are cut.
struct HTTP1LineReader: Sendable {
    /// Up to how many bytes of memory are kept for the beginning of a line.
    private static let keptBytes = 1024

    private(set) var buffer = ByteBuffer()
    /// How many bytes at the beginning are part of a line that has not come to its end.
    private var lineCount = 0

    var isEmpty: Bool { self.buffer.readableBytes == 0 }

    mutating func append(_ bytes: ByteBuffer) {
        if self.isEmpty { self.buffer = bytes } else { self.buffer.writeImmutableBuffer(bytes) }
    }

    /// Gives up memory that is much larger than what is left in it.
    mutating func compact() {
        if self.isEmpty {
            self.buffer = ByteBuffer()
        } else if self.buffer.storageCapacity > max(Self.keptBytes, 4 * self.buffer.readableBytes) {
            self.buffer = ByteBuffer(bytes: self.buffer.readableBytesView)
        }
    }

    /// Takes the next line without its end.
    ///
    /// - Parameter limit: How many bytes it may have with its end.
    /// - Returns: No line when its end has not come.
    mutating func line(limit: Int) throws(HTTP1Problem) -> ByteBuffer? {
        guard let count = try self.findEnd(limit: limit) else { return nil }
        let line = self.buffer.readSlice(length: count)
        self.buffer.moveReaderIndex(forwardBy: 2)
        self.lineCount = 0
        return line
    }

    /// How many bytes come before the end of the line.
    private mutating func findEnd(limit: Int) throws(HTTP1Problem) -> Int? {
        let buffer = self.buffer
        let bytes = buffer.readableBytesUInt8Span
        var index = self.lineCount
        while index < bytes.count {
            guard index < limit else { throw .tooLong }
            switch bytes[index] {
            case 0x20...0x7E, 0x80...0xFF, .tab: index += 1
            case .carriageReturn:
                self.lineCount = index
                guard index + 1 < bytes.count else { return nil }
                guard index + 1 < limit else { throw .tooLong }
                guard bytes[index + 1] == .newline else { throw .lineEnd }
                return index
            case .newline: throw .lineEnd
            default: throw .character
            }
        }
        self.lineCount = index
        return nil
    }

    /// Takes the end of a line and nothing before it.
    ///
    /// - Returns: False when it has not come.
    mutating func lineEnd() throws(HTTP1Problem) -> Bool {
        let start = self.buffer.readerIndex
        guard let first = self.buffer.getInteger(at: start, as: UInt8.self) else { return false }
        guard first == .carriageReturn else { throw .chunk }
        guard let second = self.buffer.getInteger(at: start + 1, as: UInt8.self) else { return false }
        guard second == .newline else { throw .chunk }
        self.buffer.moveReaderIndex(forwardBy: 2)
        return true
    }

    /// Takes so many bytes, or as many as there are.
    mutating func content(upTo count: Int) -> ByteBuffer {
        self.buffer.readSlice(length: min(count, self.buffer.readableBytes)) ?? ByteBuffer()
    }
}
