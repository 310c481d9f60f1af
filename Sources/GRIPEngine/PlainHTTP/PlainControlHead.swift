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
    ///   - buffer: What has come, from the beginning of a request.
    ///   - limit: How long a head may be.
    /// - Returns: Nothing when it is not all there or not plain.
    package init?(_ buffer: ByteBuffer, limit: Int) {
        let bytes = buffer.readableBytesUInt8Span.extracting(first: limit)
        var index = 0
        guard PlainHead.skip("POST ", bytes, &index), let target = PlainHead.target(bytes, &index),
            PlainHead.skip("HTTP/1.1\r\n", bytes, &index)
        else { return nil }
        var accept: [String] = []
        var authorization: [String] = []
        var prefer: [String] = []
        var length: Int?
        var host: ControlHost?
        while !PlainHead.skip("\r\n", bytes, &index) {
            guard let field = PlainHead.field(bytes, &index) else { return nil }
            switch PlainFieldMeaning(field.name, bytes) {
            case .other: continue
            case .host:
                guard host == nil else { return nil }
                host = bytes.extracting(field.value).withUnsafeBufferPointer { ControlHost($0) }
            case .accept: accept.append(PlainHead.text(field.value, bytes))
            case .authorization: authorization.append(PlainHead.text(field.value, bytes))
            case .prefer: prefer.append(PlainHead.text(field.value, bytes))
            case .length:
                guard length == nil, let number = PlainHead.number(field.value, bytes) else { return nil }
                length = number
            case .connection:
                guard PlainHead.matches(field.value, "keep-alive", bytes) else { return nil }
            // Only browsers send these, and publishers are none.
            case .special, .origin, .fetchSite: return nil
            }
        }
        guard let length else { return nil }
        self.head = ControlHead(
            method: .post,
            target: PlainHead.text(target, bytes),
            length: .bytes(length),
            accept: accept,
            authorization: authorization,
            prefer: prefer,
            host: host ?? .none
        )
        self.bodyLength = length
        self.byteCount = index
    }
}
