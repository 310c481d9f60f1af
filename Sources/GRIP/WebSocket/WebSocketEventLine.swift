/// The line that begins an event, read byte by byte, so that a line split over chunks is never read twice.
///
/// The limits on type and length bound the line to 27 bytes.
struct WebSocketEventLine: Sendable {
    static let maximumTypeLength = 16
    static let maximumLengthDigits = 8

    private(set) var byteCount = 0
    private(set) var typeLength = 0
    /// The letters of the type, the last one lowest; sixteen is what there is room for.
    private(set) var type: UInt128 = 0
    /// The length of the content that the line announces, or nothing where it announces none.
    private(set) var contentLength: Int?
    private var digitCount = 0
    private var isEnding = false

    /// Takes the next byte and tells whether it was the last one of the line.
    mutating func take(_ byte: UInt8, at offset: Int) throws(WebSocketEventError) -> Bool {
        self.byteCount += 1
        if self.isEnding {
            guard byte == .newline else {
                throw WebSocketEventError(.missingLineEnd, at: offset, "a line feed must follow the carriage return")
            }
            return true
        }
        if byte == .newline {
            throw WebSocketEventError(.missingLineEnd, at: offset, "a line ends with CR LF, not with a line feed alone")
        }
        if let length = self.contentLength {
            try self.takeLengthByte(byte, after: length, at: offset)
        } else {
            try self.takeTypeByte(byte, at: offset)
        }
        return false
    }

    private mutating func takeTypeByte(_ byte: UInt8, at offset: Int) throws(WebSocketEventError) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z") where self.typeLength < Self.maximumTypeLength:
            self.typeLength += 1
            self.type = self.type << 8 | UInt128(byte)
        case .space where self.typeLength > 0:
            self.contentLength = 0
        case .carriageReturn where self.typeLength > 0:
            self.isEnding = true
        default:
            throw WebSocketEventError(
                .malformedType,
                at: offset,
                "the type of an event consists of 1 to \(Self.maximumTypeLength) capital letters"
            )
        }
    }

    private mutating func takeLengthByte(
        _ byte: UInt8,
        after length: Int,
        at offset: Int
    ) throws(WebSocketEventError) {
        if byte == .carriageReturn, self.digitCount > 0 {
            self.isEnding = true
        } else if let digit = byte.hexDigitValue, self.digitCount < Self.maximumLengthDigits {
            self.contentLength = length << 4 | Int(digit)
            self.digitCount += 1
        } else {
            throw WebSocketEventError(
                .malformedLength,
                at: offset,
                "the length of an event consists of 1 to \(Self.maximumLengthDigits) hexadecimal digits"
            )
        }
    }
}
