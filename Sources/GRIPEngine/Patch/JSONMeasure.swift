import GRIP

/// How large a JSON value is.
struct JSONMeasure: Hashable {
    /// The length of its text as `JSONWriter` writes it.
    private(set) var bytes = 0
    /// How many values it consists of, itself included.
    private(set) var nodes = 0
    /// How many objects and arrays are inside one another.
    private(set) var depth = 0

    init(_ value: JSONValue) { self.add(value, depth: 0) }

    /// About how many bytes of memory the value takes.
    var memory: Int { self.bytes + self.nodes * 32 }

    /// The length of an object member's text, without the value.
    static func bytes(ofKey key: String) -> Int { Self.bytes(of: key) + 1 }

    private static func bytes(of text: String) -> Int {
        var copy = text
        return copy.withUTF8 { bytes in
            bytes.reduce(2) { count, byte in
                switch byte {
                case .quote, .backslash, .newline, .carriageReturn, .tab: count + 2
                case 0..<0x20: count + 6
                default: count + 1
                }
            }
        }
    }

    private mutating func add(_ value: JSONValue, depth: Int) {
        self.nodes += 1
        switch value {
        case .null: self.bytes += 4
        case .bool(let value): self.bytes += value ? 4 : 5
        case .integer(let value): self.bytes += "\(value)".utf8.count
        case .double(let value): self.bytes += "\(value)".utf8.count
        case .number(let text): self.bytes += text.utf8.count
        case .string(let text): self.bytes += Self.bytes(of: text)
        case .array(let elements):
            self.addBrackets(count: elements.count, depth: depth)
            for element in elements { self.add(element, depth: depth + 1) }
        case .object(let object):
            self.addBrackets(count: object.members.count, depth: depth)
            for member in object.members {
                self.bytes += Self.bytes(ofKey: member.key)
                self.add(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func addBrackets(count: Int, depth: Int) {
        self.bytes += 2 + max(0, count - 1)
        self.depth = max(self.depth, depth + 1)
    }
}
