package import HTTPTypes
package import NIOCore

/// A `POST` that carries what happened on a WebSocket to the origin.
package struct WebSocketOverHTTPRequest: Sendable, Hashable {
    /// What goes after the fields of the handshake, see ``PassedFields/webSocketOverHTTPHandshake``.
    package let fields: HTTPFields
    /// Events as `application/websocket-events`, possibly none.
    package let body: ByteBuffer
    /// Whether another origin may get the request when this one was not reached: it is the first of the conversation.
    package let isFirst: Bool
    /// Whether there is a client that waits for the answer.
    package let isAwaited: Bool
}
