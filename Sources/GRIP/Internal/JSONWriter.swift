package import NIOCore

/// Writes JSON: compact, members in the order they are written, slashes not escaped.
///
/// Most pieces have a few bytes, and an array takes those several times faster than a `ByteBuffer`.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() { self.bytes.reserveCapacity(256) }

    /// What was written.
    package var buffer: ByteBuffer { ByteBuffer(bytes: self.bytes) }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.separate()
        self.bytes.append(UInt8(ascii: "{"))
        self.needsComma = false
        members(&self)
        self.bytes.append(UInt8(ascii: "}"))
        self.needsComma = true
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        self.separate()
        self.bytes.append(UInt8(ascii: "["))
        self.needsComma = false
        elements(&self)
        self.bytes.append(UInt8(ascii: "]"))
        self.needsComma = true
    }

    /// Writes a member's name, one of our own that needs no escaping; the value must follow.
    package mutating func key(_ name: StaticString) {
        self.separate()
        self.bytes.append(.quote)
        self.append(name)
        self.append("\":")
        self.needsComma = false
    }

    /// Writes a member's name that may hold anything; the value must follow.
    package mutating func key(escaping name: String) {
        self.string(name)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    package mutating func member(_ name: StaticString, _ value: String) {
        self.key(name)
        self.string(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int) {
        self.key(name)
        self.integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        self.key(name)
        self.bool(value)
    }

    package mutating func bool(_ value: Bool) {
        self.separate()
        self.append(value ? "true" : "false")
        self.needsComma = true
    }

    package mutating func null() {
        self.separate()
        self.append("null")
        self.needsComma = true
    }

    package mutating func integer(_ value: Int) {
        self.separate()
        self.bytes.append(contentsOf: String(value).utf8)
        self.needsComma = true
    }

    package mutating func string(_ value: String) {
        self.separate()
        self.needsComma = true
        var copy = value
        copy.withUTF8 { self.quoted($0) }
    }

    /// Writes bytes as Base64 text.
    package mutating func base64(_ bytes: ByteBuffer) {
        self.separate()
        self.needsComma = true
        self.bytes.append(.quote)
        self.bytes += Base64.encode(bytes.readableBytesView)
        self.bytes.append(.quote)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: self.null()
        case .bool(let value): self.bool(value)
        case .integer(let value): self.integer(value)
        case .double(let value):
            self.separate()
            self.needsComma = true
            self.bytes.append(contentsOf: "\(value)".utf8)
        case .number(let text):
            self.separate()
            self.needsComma = true
            self.bytes.append(contentsOf: text.utf8)
        case .string(let value): self.string(value)
        case .array(let elements):
            self.array { writer in for element in elements { writer.value(element) } }
        case .object(let object):
            self.object { writer in
                for member in object.members {
                    writer.key(escaping: member.key)
                    writer.value(member.value)
                }
            }
        }
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(.comma) }
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
    }

    private mutating func quoted(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes.append(.quote)
        var start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte < 0x20 || byte == .quote || byte == .backslash else { continue }
            self.bytes.append(contentsOf: bytes[start..<index])
            start = index + 1
            switch byte {
            case .quote: self.append("\\\"")
            case .backslash: self.append("\\\\")
            case .newline: self.append("\\n")
            case .carriageReturn: self.append("\\r")
            case .tab: self.append("\\t")
            default:
                self.append("\\u00")
                self.bytes.append(Self.hexDigits[Int(byte >> 4)])
                self.bytes.append(Self.hexDigits[Int(byte & 0xF)])
            }
        }
        self.bytes.append(contentsOf: bytes[start...])
        self.bytes.append(.quote)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
