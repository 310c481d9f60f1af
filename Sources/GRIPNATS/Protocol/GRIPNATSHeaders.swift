package import NIOCore

/// The headers of a message: names and values in order.
///
/// Names are told apart by their case, as everywhere in NATS.
public struct GRIPNATSHeaders: Sendable, Hashable {
    /// A name and a value.
    public struct Field: Sendable, Hashable {
        /// The name, without a colon, spaces or control characters.
        public let name: String
        /// The value, without line ends and without spaces at either end.
        public let value: String
    }

    /// How many headers a message that comes in may have.
    package static let maximumFields = 1000

    static let version = "NATS/1.0"

    /// The headers in order.
    public private(set) var fields: [Field] = []
    /// The status that servers put in place of a payload, such as 503 where nobody answers.
    package private(set) var status: Int?
    /// What the server says about the status.
    package private(set) var statusText: String?

    /// Makes headers with none in them.
    public init() {}

    /// Whether there are none.
    public var isEmpty: Bool { self.fields.isEmpty }

    /// The first value of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: `nil` where there is no such header.
    public subscript(_ name: String) -> String? { self.fields.first { $0.name == name }?.value }

    /// Adds a header after the others.
    ///
    /// - Parameters:
    ///   - name: One or more printable ASCII characters, without a colon and spaces.
    ///   - value: A text without line ends and other control characters, tabs excepted, and without white space at either
    ///     end.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/headers``.
    public mutating func append(_ name: String, _ value: String) throws(GRIPNATSError) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isPartOfName) else {
            throw GRIPNATSError(
                .headers,
                "the name of a header consists of printable ASCII characters, without a colon and spaces"
            )
        }
        guard !value.utf8.contains(where: { ($0 < 0x20 && $0 != Self.tab) || $0 == 0x7F }) else {
            throw GRIPNATSError(.headers, "the value of the header '\(name)' must not contain control characters")
        }
        guard !Self.isBlank(value.utf8.first), !Self.isBlank(value.utf8.last) else {
            throw GRIPNATSError(.headers, "the value of the header '\(name)' must not begin or end with white space")
        }
        guard self.fields.count < Self.maximumFields else {
            throw GRIPNATSError(.headers, "a message has at most \(Self.maximumFields) headers")
        }
        self.fields.append(Field(name: name, value: value))
    }

    // MARK: Wire

    /// The block as it stands before the payload; `nil` where there are no headers.
    package var block: ByteBuffer? {
        guard !self.fields.isEmpty else { return nil }
        var block = ByteBuffer(string: Self.version + "\r\n")
        for field in self.fields { block.writeString("\(field.name): \(field.value)\r\n") }
        block.writeString("\r\n")
        return block
    }

    /// Reads a block, with the first line and the empty one at the end.
    package init(parsing block: ByteBuffer) throws(GRIPNATSError) {
        var rest = block.readableBytesView[...]
        guard let first = Self.line(&rest), first.starts(with: Self.version.utf8) else {
            throw GRIPNATSError(.headers, "the headers of a message do not begin with \(Self.version)")
        }
        try self.readStatus(first.dropFirst(Self.version.utf8.count))
        while let line = Self.line(&rest) {
            guard !line.isEmpty else {
                guard rest.isEmpty else { break }
                return
            }
            try self.readField(line)
        }
        throw GRIPNATSError(.headers, "the headers of a message do not end with an empty line")
    }

    private mutating func readStatus(_ text: ByteBufferView) throws(GRIPNATSError) {
        let text = Self.trimmed(text)
        guard !text.isEmpty else { return }
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard digits.count == 3, digits.endIndex == text.endIndex || Self.isBlank(text[digits.endIndex]) else {
            throw GRIPNATSError(.headers, "the status of a message is not a number of three digits")
        }
        self.status = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let words = Self.trimmed(text[digits.endIndex...])
        self.statusText = words.isEmpty ? nil : String(decoding: words, as: UTF8.self)
    }

    private mutating func readField(_ line: ByteBufferView) throws(GRIPNATSError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(Self.isPartOfName)
        else { throw GRIPNATSError(.headers, "a header of a message has no name") }
        guard self.fields.count < Self.maximumFields else {
            throw GRIPNATSError(.headers, "a message has more than \(Self.maximumFields) headers")
        }
        let value = Self.trimmed(line[line.index(after: colon)...])
        self.fields.append(
            Field(name: String(decoding: line[..<colon], as: UTF8.self), value: String(decoding: value, as: UTF8.self))
        )
    }

    /// Takes a line that ends with CR LF.
    private static func line(_ rest: inout ByteBufferView) -> ByteBufferView? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")), end > rest.startIndex,
            rest[rest.index(before: end)] == UInt8(ascii: "\r")
        else { return nil }
        let line = rest[..<rest.index(before: end)]
        rest = rest[rest.index(after: end)...]
        return line
    }

    private static func trimmed(_ text: ByteBufferView) -> ByteBufferView {
        var text = text.drop(while: Self.isBlank)
        while Self.isBlank(text.last) { text.removeLast() }
        return text
    }

    private static let tab = UInt8(ascii: "\t")

    private static func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == Self.tab }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: ":")
    }
}
