/// What is held, which says what format of an item it takes.
package enum HoldKind: String, Sendable, Hashable, CaseIterable {
    /// A response that has not begun; takes `http-response`.
    case response
    /// A response without an end; takes `http-stream`.
    case stream
    /// A WebSocket; takes `ws-message`.
    case webSocket = "ws"
}
