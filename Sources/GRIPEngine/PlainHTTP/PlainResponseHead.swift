package import HTTPTypes
package import NIOCore

/// The head of an origin's response as nearly all origins write it: of HTTP/1.1, with a body of known length, on a
/// connection that stays.
///
/// Whatever is written in any other way, or not valid, is left to a decoder of all of HTTP.
package struct PlainResponseHead: Sendable, Hashable {
    package let head: HTTPResponse
    package let bodyLength: Int
    /// How many bytes it took, with the empty line at its end.
    package let byteCount: Int

    /// Longer heads are not plain.
    private static let limit = 16_384
    private static let fieldLimit = 100

    /// Reads the head of a response to a request that is not `HEAD`.
    ///
    /// - Parameters:
    ///   - buffer: What has come, from the beginning of a response.
    ///   - names: The names that are known.
    /// - Returns: Nothing when it is not all there or not plain.
    package init?(_ buffer: ByteBuffer, names: FieldNameTable) {
        let bytes = buffer.readableBytesUInt8Span.extracting(first: Self.limit)
        var index = 0
        guard PlainHead.skip("HTTP/1.1 ", bytes, &index), bytes.count - index > 4,
            let code = PlainHead.number(index..<(index + 3), bytes), (200...599).contains(code), code != 204,
            code != 304, bytes[index + 3] == UInt8(ascii: " ")
        else { return nil }
        index += 4
        guard let reason = PlainHead.line(bytes, &index) else { return nil }
        var fields = HTTPFields()
        fields.reserveCapacity(PlainHead.lineCount(bytes, from: index))
        var length: Int?
        while !PlainHead.skip("\r\n", bytes, &index) {
            guard fields.count < Self.fieldLimit, let field = PlainHead.field(bytes, &index) else { return nil }
            switch PlainFieldMeaning(field.name, bytes) {
            case .special: return nil
            case .length:
                guard length == nil, let number = PlainHead.number(field.value, bytes) else { return nil }
                length = number
            case .connection:
                guard PlainHead.matches(field.value, "keep-alive", bytes) else { return nil }
            case .host, .accept, .authorization, .prefer, .origin, .fetchSite, .other: break
            }
            guard let name = names.name(field.name, bytes) else { return nil }
            fields.append(HTTPField(name: name, value: PlainHead.text(field.value, bytes)))
        }
        guard let length else { return nil }
        let status = HTTPResponse.Status(code: code, reasonPhrase: PlainHead.text(reason, bytes))
        self.head = HTTPResponse(status: status, headerFields: fields)
        self.bodyLength = length
        self.byteCount = index
    }
}
