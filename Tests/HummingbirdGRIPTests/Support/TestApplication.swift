import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

/// An application behind a test proxy, without sockets.
struct TestApplication {
    var proxy = GRIPTestProxy()
    let publisher = RecordingPublisher()
    var configure: (inout GRIPConfiguration) throws -> Void = { _ in }

    func origin() throws -> GRIPOrigin {
        var configuration = try self.proxy.configuration
        try self.configure(&configuration)
        return try GRIPOrigin(configuration, publisher: self.publisher)
    }

    /// Adds routes behind the middleware and runs a test against them.
    func test(
        routes: (Router<BasicGRIPRequestContext>, GRIPOrigin) throws -> Void,
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let grip = try self.origin()
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        try routes(router, grip)
        try await Application(router: router).test(.router) { client in try await body(client) }
    }
}

extension TestClientProtocol {
    func get(_ uri: String, _ fields: HTTPFields = [:]) async throws -> TestResponse {
        try await self.execute(uri: uri, method: .get, headers: fields)
    }

    /// Sends what a proxy sends for a WebSocket, and has the socket read the answer.
    func send(
        _ events: WebSocketEvent...,
        on socket: inout GRIPTestWebSocket,
        to uri: String
    ) async throws -> GRIPTestWebSocketAnswer {
        let request = try socket.request(events)
        let response = try await self.execute(
            uri: uri,
            method: .post,
            headers: request.fields,
            body: request.body
        )
        return try socket.receive(response.status, response.headers, response.body)
    }
}

extension HTTPFields {
    var hasGRIPFields: Bool { self.contains(where: { $0.name.canonicalName.hasPrefix("grip-") }) }
}

extension TestResponse {
    var text: String { String(buffer: self.body) }
}
