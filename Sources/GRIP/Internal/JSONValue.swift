package import NIOCore

/// A JSON value as the control API and `application/grip-instruct` bodies use it.
///
/// Objects keep the order of their members, because the header list of an `http-response` is one.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads one strict JSON text (RFC 8259), which must fill the buffer.
    package init(parsing buffer: ByteBuffer) throws(GRIPError) {
        self = try JSONParser.parse(buffer.readableBytesUInt8Span)
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
        case .bool(let value): value ? 1 : 0
        case .string(let value): Int(value) ?? 0
        case .null, .array, .object: nil
        }
    }

    package subscript(_ key: String) -> JSONValue? { self.object?[key] }
}

/// The members of a JSON object in the order of the text; of equal names the last one counts.
package struct JSONObject: Sendable, Hashable {
    /// A name and its value; arrays of tuples look up their type at run time again and again.
    package struct Member: Sendable, Hashable {
        package let key: String
        package fileprivate(set) var value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var members: [Member] = []

    package init(members: [Member] = []) {
        // A set only pays once the linear search of the usual handful of members would not.
        if members.count <= 8 {
            self.members.reserveCapacity(members.count)
            for member in members { self.set(member.key, member.value) }
        } else {
            var positions: [String: Int] = [:]
            for member in members {
                if let position = positions[member.key] {
                    self.members[position].value = member.value
                } else {
                    positions[member.key] = self.members.count
                    self.members.append(member)
                }
            }
        }
    }

    private mutating func set(_ key: String, _ value: JSONValue) {
        if let index = self.members.firstIndex(where: { $0.key == key }) {
            self.members[index].value = value
        } else {
            self.members.append(Member(key, value))
        }
    }

    package subscript(_ key: String) -> JSONValue? {
        self.members.first(where: { $0.key == key })?.value
    }
}
