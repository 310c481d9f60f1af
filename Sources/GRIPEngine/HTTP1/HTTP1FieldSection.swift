import GRIP
import HTTPTypes
import NIOCore

/// The fields of a head or of trailers, line by line.
struct HTTP1FieldSection: Sendable {
    private(set) var fields = HTTPFields()
    /// The bytes of all lines so far, with their ends.
    private var byteCount: Int
    private let limits: HTTP1Limits

    /// - Parameters:
    ///   - byteCount: The bytes before the fields that count.
    ///   - limits: What there may be.
    init(after byteCount: Int = 0, limits: HTTP1Limits) {
        self.byteCount = byteCount
        self.limits = limits
    }

    /// Takes the next line.
    ///
    /// - Returns: False when its end has not come, true with the empty line that ends the fields.
    mutating func read(
        _ lines: inout HTTP1LineReader,
        names: FieldNameTable?,
        of kind: HTTP1MessageKind
    ) throws(HTTP1Problem) -> Bool {
        // The empty line at the end does not count.
        while let line = try lines.line(limit: min(self.limits.line, self.limits.head - self.byteCount) + 2) {
            guard line.readableBytes > 0 else { return true }
            self.byteCount += line.readableBytes + 2
            guard self.byteCount <= self.limits.head else { throw .tooLong }
            guard self.fields.count < self.limits.fields else { throw .tooManyFields }
            self.fields.append(try Self.field(line, names: names, of: kind))
        }
        return false
    }

    private static func field(
        _ line: ByteBuffer,
        names: FieldNameTable?,
        of kind: HTTP1MessageKind
    ) throws(HTTP1Problem) -> HTTPField {
        let bytes = line.readableBytesUInt8Span
        guard !bytes[0].isBlank else { throw .folding }
        var colon = 0
        while colon < bytes.count, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < bytes.count else { throw .field }
        var end = colon
        // A proxy takes blanks before the colon out of responses and refuses requests that have them (RFC 9112, 5.1).
        if kind == .response { while end > 0, bytes[end - 1].isBlank { end -= 1 } }
        guard let name = Self.name(0..<end, bytes, names) else { throw .field }
        var first = colon + 1
        var last = bytes.count
        while first < last, bytes[first].isBlank { first += 1 }
        while first < last, bytes[last - 1].isBlank { last -= 1 }
        let value = line.viewBytes(at: line.readerIndex + first, length: last - first)
        return HTTPField(name: name, value: value ?? ByteBufferView())
    }

    private static func name(_ range: Range<Int>, _ bytes: Span<UInt8>, _ names: FieldNameTable?) -> HTTPField.Name? {
        guard !range.isEmpty else { return nil }
        return names.map { $0.name(range, bytes) } ?? HTTPField.Name(PlainHead.text(range, bytes))
    }
}

/// What is different about requests and responses.
enum HTTP1MessageKind: Sendable, Hashable {
    case request
    case response
}

extension UInt8 {
    /// Whether it is a space or a tab.
    var isBlank: Bool { self == .space || self == .tab }
}
