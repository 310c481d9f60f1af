import HTTPTypes
package import NIOCore

/// The head of a request to the control API as nearly all publishers write it: a `POST` of HTTP/1.1 with a body of known
/// length and nothing that asks for more than an answer.
///
/// It is read in a fraction of the time that a decoder of all of HTTP needs. Whatever is written in any other way, or
/// not valid, is left to such a decoder.
package struct PlainControlHead: Sendable, Hashable {
    package let head: ControlHead
    package let bodyLength: Int
    /// How many bytes it took, with the empty line at its end.
    package let byteCount: Int

    /// Reads a head.
    ///
    /// - Parameters:
    ///   - bytes: What has come, from the beginning of a request.
    ///   - limit: How long a head may be.
    /// - Returns: Nothing when it is not all there or not plain.
    package init?(_ bytes: ByteBuffer, limit: Int) {
        var scanner = Scanner(bytes.readableBytesView.prefix(limit))
        guard scanner.skip("POST "), let target = scanner.target(), scanner.skip("HTTP/1.1\r\n") else { return nil }
        var accept: [String] = []
        var authorization: [String] = []
        var prefer: [String] = []
        var length: Int?
        while !scanner.skip("\r\n") {
            guard let (name, value) = scanner.field() else { return nil }
            switch Meaning(name) {
            case .ignored: continue
            case .accept: accept.append(String(ascii: value))
            case .authorization: authorization.append(String(ascii: value))
            case .prefer: prefer.append(String(ascii: value))
            case .length:
                guard length == nil, let number = Int(plain: value) else { return nil }
                length = number
            case .connection:
                guard value.elementsEqual(ignoringCase: "keep-alive") else { return nil }
            case .special: return nil
            }
        }
        guard let length else { return nil }
        self.head = ControlHead(
            method: .post,
            target: target,
            length: .bytes(length),
            accept: accept,
            authorization: authorization,
            prefer: prefer
        )
        self.bodyLength = length
        self.byteCount = scanner.position - bytes.readerIndex
    }
}

/// What a field is to the control API.
private enum Meaning {
    case ignored
    case accept
    case authorization
    case prefer
    case length
    case connection
    /// It changes how the message is read.
    case special

    init(_ name: ByteBufferView) {
        // Most fields differ from all of these in length already.
        switch name.count {
        case 6 where name.elementsEqual(ignoringCase: "accept"): self = .accept
        case 6 where name.elementsEqual(ignoringCase: "prefer"): self = .prefer
        case 6 where name.elementsEqual(ignoringCase: "expect"): self = .special
        case 7 where name.elementsEqual(ignoringCase: "upgrade"): self = .special
        case 10 where name.elementsEqual(ignoringCase: "connection"): self = .connection
        case 13 where name.elementsEqual(ignoringCase: "authorization"): self = .authorization
        case 14 where name.elementsEqual(ignoringCase: "content-length"): self = .length
        case 17 where name.elementsEqual(ignoringCase: "transfer-encoding"): self = .special
        default: self = .ignored
        }
    }
}

/// Goes through the lines of a head.
private struct Scanner {
    private let bytes: ByteBufferView
    private(set) var position: Int

    init(_ bytes: ByteBufferView) {
        self.bytes = bytes
        self.position = bytes.startIndex
    }

    mutating func skip(_ text: StaticString) -> Bool {
        let end = self.position + text.utf8CodeUnitCount
        guard end <= self.bytes.endIndex else { return false }
        let isThere = text.withUTF8Buffer { self.bytes[self.position..<end].elementsEqual($0) }
        if isThere { self.position = end }
        return isThere
    }

    /// The target of a request, with the space behind it.
    mutating func target() -> String? {
        let rest = self.bytes[self.position...]
        guard let end = rest.firstIndex(where: { !(0x21...0x7E).contains($0) }), rest[end] == UInt8(ascii: " "),
            rest.first == UInt8(ascii: "/")
        else { return nil }
        self.position = end + 1
        return String(ascii: rest[..<end])
    }

    /// A line with a name and a value, which it has without the blanks around it.
    mutating func field() -> (name: ByteBufferView, value: ByteBufferView)? {
        let rest = self.bytes[self.position...]
        guard let colon = rest.firstIndex(where: { !$0.isPlainNameByte }), colon > rest.startIndex,
            rest[colon] == UInt8(ascii: ":")
        else { return nil }
        let afterColon = rest[(colon + 1)...]
        guard let end = afterColon.firstIndex(where: { !(0x20...0x7E).contains($0) }), end + 1 < rest.endIndex,
            rest[end] == UInt8(ascii: "\r"), rest[end + 1] == UInt8(ascii: "\n")
        else { return nil }
        self.position = end + 2
        let value = afterColon[..<end]
        let space = UInt8(ascii: " ")
        guard let first = value.firstIndex(where: { $0 != space }), let last = value.lastIndex(where: { $0 != space })
        else { return (rest[..<colon], value[end...]) }
        return (rest[..<colon], value[first...last])
    }
}

extension UInt8 {
    fileprivate var isPlainNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension ByteBufferView {
    fileprivate func elementsEqual(ignoringCase text: StaticString) -> Bool {
        guard self.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            // Only letters differ from their lower case in this bit alone, and the text has no other signs with a pair.
            self.withUnsafeBytes { bytes in zip(bytes, text).allSatisfy { $0 | 0x20 == $1 } }
        }
    }
}

extension String {
    /// Makes text of bytes that are known to be ASCII.
    fileprivate init(ascii bytes: ByteBufferView) { self.init(decoding: bytes, as: UTF8.self) }
}

extension Int {
    /// A number of at most nine digits.
    fileprivate init?(plain text: ByteBufferView) {
        guard (1...9).contains(text.count) else { return nil }
        var number = 0
        for digit in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        self = number
    }
}
