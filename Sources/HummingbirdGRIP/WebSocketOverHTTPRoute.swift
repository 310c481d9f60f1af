import GRIP
import GRIPAdapter
import Hummingbird
import Logging
import NIOCore

/// What a WebSocket-over-HTTP route does with a request.
struct WebSocketOverHTTPRoute<Context: GRIPRequestContext>: Sendable {
    let messagePrefix: WebSocketMessagePrefix
    let maximumBodySize: Int
    let origins: WebSocketOriginPolicy
    let handler: WebSocketOverHTTPHandler<Context>

    func respond(to request: Request, _ context: Context) async throws -> Response {
        let (grip, state) = try installedOrigin(context)
        try grip.admitWebSocket(method: request.method, fields: request.headers, state: state)
        let session = try grip.webSocketSession(
            fields: request.headers,
            body: try await self.body(of: request, context),
            messagePrefix: self.messagePrefix,
            state: state
        )
        try grip.checkOrigin(of: session, request: request.head, policy: self.origins)
        let response = try await grip.webSocketResponse(
            of: session,
            path: request.uri.path,
            logger: context.logger,
            isRefusal: { ($0 as? any HTTPResponseError).map { (300..<500).contains($0.status.code) } ?? false },
            handler: { session in try await self.handler(&session, request, context) }
        )
        return Response(status: response.status, headers: response.fields, body: .init(byteBuffer: response.body))
    }

    private func body(of request: Request, _ context: Context) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: self.maximumBodySize)
        } catch {
            // The proxy may cut the connection over the answer, and the client does not learn why.
            context.logger.error(
                "a batch of WebSocket events cannot be read; maximumBodySize of the route limits it",
                metadata: [
                    "grip.path": "\(request.uri.path)", "grip.limit": "\(self.maximumBodySize)",
                    "grip.error": "\(error)",
                ]
            )
            throw error
        }
    }
}
