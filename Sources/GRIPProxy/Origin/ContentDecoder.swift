import GRIPEngine
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPCompression

/// Decodes bodies that origins send coded although they were asked for them as they are.
enum ContentDecoder {
    /// Decodes a whole body.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - coding: How it is coded.
    ///   - limit: How many bytes it may have once it is decoded.
    static func decode(
        _ body: ByteBuffer,
        _ coding: ContentCoding,
        limit: Int
    ) -> Result<ByteBuffer, ContentCodingError> {
        if case .other = coding { return .failure(.unknown(coding)) }
        do {
            return .success(try Self.inflate(body, coding, limit: limit))
        } catch let error as NIOHTTPDecompression.DecompressionError where error == .limit {
            return .failure(.tooLong(coding, limit: limit))
        } catch {
            return .failure(.invalid(coding))
        }
    }

    private static func inflate(_ body: ByteBuffer, _ coding: ContentCoding, limit: Int) throws -> ByteBuffer {
        // NIO's decoder is one for a pipeline; this one has no socket.
        let channel = EmbeddedChannel(handler: NIOHTTPResponseDecompressor(limit: .size(limit)))
        let result = Result { () throws -> ByteBuffer in
            let fields: HTTPHeaders = ["Content-Encoding": coding.name]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)
            try channel.writeInbound(HTTPClientResponsePart.head(head))
            try channel.writeInbound(HTTPClientResponsePart.body(body))
            try channel.writeInbound(HTTPClientResponsePart.end(nil))
            var decoded = ByteBuffer()
            while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
                if case .body(let bytes) = part { decoded.writeImmutableBuffer(bytes) }
            }
            return decoded
        }
        _ = try channel.finish(acceptAlreadyClosed: true)
        return try result.get()
    }
}
