public import GRIP
public import GRIPAdapter
import HTTPTypes
import NIOCore

/// An adapter: what an application of the framework puts between its server and its handlers.
public struct TinyGRIP: Sendable {
    private let grip: GRIPOrigin

    /// Makes the adapter.
    ///
    /// - Parameter grip: The application's side of GRIP.
    public init(_ grip: GRIPOrigin) {
        self.grip = grip
        grip.markInstalled()
    }

    /// Has a handler hold its clients.
    ///
    /// - Parameter handler: The handler.
    /// - Returns: What the framework calls in its place.
    public func callAsFunction(_ handler: @escaping TinyHandler) -> TinyHandler {
        { [grip] request in
            var request = request
            request.grip = grip.inspect(request.head)
            do {
                var response = try await handler(request)
                try grip.finish(&response.head, to: request.head.method, for: request.grip)
                return response
            } catch let refusal as GRIPRefusal {
                return TinyResponse(refusal.status, body: ByteBuffer(string: refusal.body))
            }
        }
    }

    /// Makes a handler of WebSockets, which a proxy turns into requests.
    ///
    /// - Parameter handler: What deals with a batch of events.
    /// - Returns: What the framework calls.
    public func webSocket(
        _ handler: @escaping @Sendable (inout WebSocketSession) async throws -> Void
    ) -> TinyHandler {
        self { [grip] request in
            let fields = request.head.headerFields
            try grip.admitWebSocket(method: request.head.method, fields: fields, state: request.grip)
            let session = try grip.webSocketSession(fields: fields, body: request.body, state: request.grip)
            try grip.checkOrigin(of: session, request: request.head)
            let path = request.head.path ?? "/"
            let response = try await grip.webSocketResponse(of: session, path: path) { session in
                try await handler(&session)
            }
            return TinyResponse(response.status, fields: response.fields, body: response.body)
        }
    }
}
