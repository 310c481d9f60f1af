public import GRIP
public import GRIPAdapter
import HTTPTypes
public import Hummingbird
import NIOCore

/// Handles one batch of a WebSocket's events.
public typealias WebSocketOverHTTPHandler<Context> =
    @Sendable (inout WebSocketSession, Request, Context) async throws -> Void

extension RouterMethods where Context: GRIPRequestContext {
    /// Adds a route for WebSockets that a GRIP proxy turns into requests (WebSocket-over-HTTP).
    ///
    /// The handler is called for each batch of events, not once for each connection; what it must remember from one
    /// to the next goes into the session's meta.
    ///
    /// ```swift
    /// router.webSocketOverHTTP("echo") { socket, request, context in
    ///     if socket.isOpening {
    ///         socket.accept()
    ///         socket.subscribe(to: "test")
    ///     }
    ///     for message in socket.messages { socket.send(message) }
    /// }
    /// ```
    ///
    /// Requests that are no WebSocket events are answered with 400, events that do not come from
    /// a proxy with 403, and bodies over the limit with 413. The route takes the path's GET besides POST, for the sake
    /// of that 400; a page needs a path of its own, for a router ends the process over two handlers of the same.
    ///
    /// A proxy signs every request that it passes on, and keeps its clients from sending events of their own only on
    /// routes with WebSocket-over-HTTP. Give `over_http` to all of Pushpin's routes that lead to this application, or a
    /// client can put anything into a session's meta.
    ///
    /// - Parameters:
    ///   - path: The route's path.
    ///   - messagePrefix: What the proxy strips from messages to the client; the same for all requests of a route.
    ///   - maximumBodySize: The largest body taken, in bytes. Pushpin sends up to 200,000 bytes of content.
    ///   - origins: Whose pages may open a WebSocket: unless said otherwise, those of the application's own host where the
    ///     request has cookies, and all others without.
    ///   - handler: What handles a batch.
    /// - Returns: The router, for further routes.
    @discardableResult
    public func webSocketOverHTTP(
        _ path: RouterPath = "",
        messagePrefix: WebSocketMessagePrefix = .standard,
        maximumBodySize: Int = 1_000_000,
        origins: WebSocketOriginPolicy = .sameHostWithCookies,
        handler: @escaping WebSocketOverHTTPHandler<Context>
    ) -> Self {
        let route = WebSocketOverHTTPRoute(
            messagePrefix: messagePrefix,
            maximumBodySize: maximumBodySize,
            origins: origins,
            handler: handler
        )
        // A browser that comes without the proxy asks with GET; it deserves the reason and not a 404.
        for method in [HTTPRequest.Method.post, .get] {
            self.on(path, method: method) { request, context in try await route.respond(to: request, context) }
        }
        return self
    }
}
