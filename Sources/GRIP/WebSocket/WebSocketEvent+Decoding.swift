public import NIOCore

extension WebSocketEvent {
    /// Reads a whole body.
    ///
    /// - Parameter body: The body of a request or a response.
    /// - Returns: Its events in order, without those of unknown types.
    /// - Throws: ``WebSocketEventError`` when the body is malformed or truncated.
    public static func decode(_ body: ByteBuffer) throws(WebSocketEventError) -> [WebSocketEvent] {
        var decoder = WebSocketEventDecoder(maximumContentLength: .max)
        let events = try decoder.decode(body)
        try decoder.finish()
        return events
    }

    /// Makes an event of what was read; types that have no content lose it.
    init(_ kind: WebSocketEventKind, _ content: ByteBuffer) {
        switch kind {
        case .open: self = .open
        case .text: self = .text(content)
        case .binary: self = .binary(content)
        case .ping: self = .ping(content)
        case .pong: self = .pong(content)
        case .close: self = .close(WebSocketClose(parsing: content))
        case .disconnect: self = .disconnect
        }
    }
}
