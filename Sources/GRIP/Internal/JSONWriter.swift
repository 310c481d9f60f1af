package import NIOCore

/// Appends JSON to a buffer: compact, members in the order they are written, slashes not escaped.
package struct JSONWriter: Sendable {
    package var buffer: ByteBuffer
    private var needsComma = false

    package init(_ buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.separate()
        self.buffer.writeInteger(UInt8(ascii: "{"))
        self.needsComma = false
        members(&self)
        self.buffer.writeInteger(UInt8(ascii: "}"))
        self.needsComma = true
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        self.separate()
        self.buffer.writeInteger(UInt8(ascii: "["))
        self.needsComma = false
        elements(&self)
        self.buffer.writeInteger(UInt8(ascii: "]"))
        self.needsComma = true
    }

    /// Writes a member's name, one of our own that needs no escaping; the value must follow.
    package mutating func key(_ name: StaticString) {
        self.separate()
        self.buffer.writeInteger(UInt8.quote)
        self.buffer.writeStaticString(name)
        self.buffer.writeStaticString("\":")
        self.needsComma = false
    }

    /// Writes a member's name that may hold anything; the value must follow.
    package mutating func key(escaping name: String) {
        self.string(name)
        self.buffer.writeInteger(UInt8(ascii: ":"))
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
        self.buffer.writeStaticString(value ? "true" : "false")
        self.needsComma = true
    }

    package mutating func null() {
        self.separate()
        self.buffer.writeStaticString("null")
        self.needsComma = true
    }

    package mutating func integer(_ value: Int) {
        self.separate()
        self.buffer.writeString(String(value))
        self.needsComma = true
    }

    package mutating func string(_ value: String) {
        self.separate()
        self.needsComma = true
        var copy = value
        copy.withUTF8 { self.quoted(UnsafeRawBufferPointer($0)) }
    }

    /// Writes bytes as Base64 text.
    package mutating func base64(_ bytes: ByteBuffer) {
        self.separate()
        self.needsComma = true
        self.buffer.writeInteger(UInt8.quote)
        self.buffer.writeBytes(Base64.encode(bytes.readableBytesView))
        self.buffer.writeInteger(UInt8.quote)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: self.null()
        case .bool(let value): self.bool(value)
        case .integer(let value): self.integer(value)
        case .double(let value):
            self.separate()
            self.needsComma = true
            self.buffer.writeString("\(value)")
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
        if self.needsComma { self.buffer.writeInteger(UInt8.comma) }
    }

    private mutating func quoted(_ bytes: UnsafeRawBufferPointer) {
        self.buffer.writeInteger(UInt8.quote)
        var start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte < 0x20 || byte == .quote || byte == .backslash else { continue }
            self.buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            start = index + 1
            switch byte {
            case .quote: self.buffer.writeStaticString("\\\"")
            case .backslash: self.buffer.writeStaticString("\\\\")
            case .newline: self.buffer.writeStaticString("\\n")
            case .carriageReturn: self.buffer.writeStaticString("\\r")
            case .tab: self.buffer.writeStaticString("\\t")
            default:
                self.buffer.writeStaticString("\\u00")
                self.buffer.writeInteger(Self.hexDigits[Int(byte >> 4)])
                self.buffer.writeInteger(Self.hexDigits[Int(byte & 0xF)])
            }
        }
        self.buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        self.buffer.writeInteger(UInt8.quote)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
