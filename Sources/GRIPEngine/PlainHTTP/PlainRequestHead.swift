package import HTTPTypes
package import NIOCore

/// The head of a client's request as nearly all clients write it that ask for something: a `GET` of HTTP/1.1 without a
/// body, for a path, that asks for no other protocol.
///
/// Whatever is written in any other way, or not valid, is left to a decoder of all of HTTP.
package struct PlainRequestHead: Sendable, Hashable {
    /// The encoded path with its query.
    package let path: String
    /// What `Host` says.
    package let authority: String
    /// The fields without `Host`.
    package let fields: HTTPFields
    /// How many bytes it took, with the empty line at its end.
    package let byteCount: Int

    /// Reads a head.
    ///
    /// - Parameters:
    ///   - buffer: What has come, from the beginning of a request.
    ///   - names: The names that are known.
    ///   - limit: How long a head may be.
    ///   - fieldLimit: How many fields it may have.
    /// - Returns: Nothing when it is not all there or not plain.
    package init?(_ buffer: ByteBuffer, names: FieldNameTable, limit: Int, fieldLimit: Int) {
        let bytes = buffer.readableBytesUInt8Span.extracting(first: limit)
        var index = 0
        guard PlainHead.skip("GET ", bytes, &index), let target = PlainHead.target(bytes, &index),
            PlainHead.skip("HTTP/1.1\r\n", bytes, &index)
        else { return nil }
        var authority: String?
        var fields = HTTPFields()
        // No more than there are: a request is kept for as long as it is held.
        fields.reserveCapacity(PlainHead.lineCount(bytes, from: index))
        while !PlainHead.skip("\r\n", bytes, &index) {
            guard fields.count < fieldLimit - 1, let field = PlainHead.field(bytes, &index) else { return nil }
            switch PlainFieldMeaning(field.name, bytes) {
            case .special, .length: return nil
            case .host:
                guard authority == nil else { return nil }
                authority = PlainHead.text(field.value, bytes)
                continue
            case .connection:
                guard PlainHead.matches(field.value, "keep-alive", bytes) else { return nil }
            case .accept, .authorization, .prefer, .origin, .fetchSite, .other: break
            }
            guard let name = names.name(field.name, bytes) else { return nil }
            fields.append(HTTPField(name: name, value: PlainHead.text(field.value, bytes)))
        }
        guard let authority, RouteAuthority(authority) != nil else { return nil }
        self.path = PlainHead.text(target, bytes)
        self.authority = authority
        self.fields = fields
        self.byteCount = index
    }
}
