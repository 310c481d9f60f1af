import GRIP
import GRIPAdapter
import Hummingbird
import NIOCore

/// What a WebSocket-over-HTTP route does with a request.
struct WebSocketOverHTTPRoute<Context: GRIPRequestContext>: Sendable {
    let messagePrefix: WebSocketMessagePrefix
    let maximumBodySize: Int
    let handler: WebSocketOverHTTPHandler<Context>

    func respond(to request: Request, _ context: Context) async throws -> Response {
        let (grip, state) = try installedOrigin(context)
        try grip.admitWebSocket(method: request.method, fields: request.headers, state: state)
        var session = try grip.webSocketSession(
            fields: request.headers,
            body: try await request.body.collect(upTo: self.maximumBodySize),
            messagePrefix: self.messagePrefix,
            state: state
        )
        try await self.handler(&session, request, context)
        let response = try session.makeResponse()
        return Response(status: response.status, headers: response.fields, body: .init(byteBuffer: response.body))
    }
}
