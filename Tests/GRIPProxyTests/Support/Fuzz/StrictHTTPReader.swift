/// Reads messages of HTTP/1.1 and takes nothing that is not written as RFC 9112 wants it from a sender.
struct StrictHTTPReader {
    enum Failure: Error, CustomStringConvertible {
        /// The bytes end before the message does.
        case incomplete
        case malformed(String)

        var description: String {
            switch self {
            case .incomplete: "it is not complete"
            case .malformed(let reason): reason
            }
        }
    }

    let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { self.position == self.bytes.count }

    // MARK: Heads

    mutating func head() throws(Failure) -> StrictHTTPHead {
        let first = try self.line()
        guard !first.isEmpty else { throw .malformed("an empty first line") }
        return StrictHTTPHead(first: String(decoding: first, as: UTF8.self), fields: try self.fields())
    }

    private mutating func fields() throws(Failure) -> [StrictHTTPHead.Field] {
        var fields: [StrictHTTPHead.Field] = []
        while true {
            let line = try self.line()
            guard !line.isEmpty else { return fields }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(Self.isTokenByte)
            else { throw .malformed("not a field: \(String(decoding: line, as: UTF8.self))") }
            let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
            fields.append(
                StrictHTTPHead.Field(
                    name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                    value: String(value.trimmingPrefix(" "))
                )
            )
        }
    }

    /// A line with its end, which is CR LF; neither of them nor another control character is inside.
    private mutating func line() throws(Failure) -> ArraySlice<UInt8> {
        var index = self.position
        while index < self.bytes.count {
            let byte = self.bytes[index]
            if byte == 0x0D {
                guard index + 1 < self.bytes.count else { throw .incomplete }
                guard self.bytes[index + 1] == 0x0A else { throw .malformed("CR without LF") }
                defer { self.position = index + 2 }
                return self.bytes[self.position..<index]
            }
            guard byte == 0x09 || (byte >= 0x20 && byte != 0x7F) else { throw .malformed("the byte \(byte) in a line") }
            index += 1
        }
        throw .incomplete
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    // MARK: Bodies

    mutating func body(_ framing: StrictHTTPHead.Framing) throws(Failure) -> [UInt8] {
        switch framing {
        case .none: return []
        case .length(let count): return try self.take(count)
        case .chunked: return try self.chunks()
        case .untilClose: return try self.take(self.bytes.count - self.position)
        }
    }

    private mutating func take(_ count: Int) throws(Failure) -> [UInt8] {
        guard self.bytes.count - self.position >= count else { throw .incomplete }
        defer { self.position += count }
        return Array(self.bytes[self.position..<(self.position + count)])
    }

    private mutating func chunks() throws(Failure) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = String(decoding: try self.line(), as: UTF8.self)
            guard line.utf8.count < 16, line.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let size = Int(line, radix: 16)
            else { throw .malformed("the chunk size '\(line)'") }
            guard size > 0 else {
                _ = try self.fields()
                return body
            }
            body += try self.take(size)
            guard try self.take(2) == [0x0D, 0x0A] else { throw .malformed("a chunk without its end") }
        }
    }
}
