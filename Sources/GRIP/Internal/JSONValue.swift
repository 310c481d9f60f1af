package import NIOCore

/// A JSON value as the control API and `application/grip-instruct` bodies use it.
///
/// Objects keep the order of their members, because the header list of an `http-response` is one.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    /// A number as its document writes it; see ``init(verbatim:)``.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads one strict JSON text (RFC 8259), which must fill the buffer.
    package init(parsing buffer: ByteBuffer) throws(GRIPError) {
        self = try JSONParser.parse(buffer.readableBytesUInt8Span, .converted)
    }

    /// Reads one strict JSON text (RFC 8259) whose numbers, of any size and precision, are to be written as they were.
    package init(verbatim buffer: ByteBuffer) throws(GRIPError) {
        self = try JSONParser.parse(buffer.readableBytesUInt8Span, .verbatim)
    }

    /// Reads one strict JSON text (RFC 8259), which must fill the string.
    package init(parsing text: String) throws(GRIPError) {
        try self.init(parsing: ByteBuffer(string: text))
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value as an integer, by the generous rule of Pushpin.
    ///
    /// Numbers are rounded, booleans are 0 or 1, text is parsed and is 0 where it is not a number. Arrays, objects
    /// and null are none.
    package var convertedToInteger: Int? {
        switch self {
        case .integer(let value): value
        case .double(let value): value.magnitude < 1e15 ? Int(value.rounded()) : nil
        case .number(let text): Int(text) ?? Double(text).flatMap { Self.double($0).convertedToInteger }
        case .bool(let value): value ? 1 : 0
        case .string(let value): Int(value) ?? 0
        case .null, .array, .object: nil
        }
    }

    package subscript(_ key: String) -> JSONValue? { self.object?[key] }
}
