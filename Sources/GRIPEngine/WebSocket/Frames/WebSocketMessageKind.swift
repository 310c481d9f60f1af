/// What a WebSocket message consists of.
package enum WebSocketMessageKind: Sendable, Hashable {
    /// UTF-8.
    case text
    /// Any bytes.
    case binary
}
