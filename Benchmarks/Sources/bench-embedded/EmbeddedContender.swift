import GRIP
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore

/// An application with the proxy in it, which does what the origin of the others does:
/// `bench-embedded CLIENTS CONTROL [--event-loop]`, with the handlers on the event loops of their clients.
@main
struct EmbeddedContender {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 || arguments.count == 4 && arguments[3] == "--event-loop" else {
            print("usage: bench-embedded CLIENT-ADDRESS CONTROL-ADDRESS [--event-loop]")
            return
        }
        var logger = Logger(label: "bench-embedded")
        logger.logLevel = .error
        let grip = try GRIPOrigin(GRIPConfiguration(), logger: logger)
        let clients = Application(
            router: Self.router(grip),
            server: .grip(grip, handlerExecutor: arguments.count == 4 ? .eventLoop : .inherited),
            configuration: .init(address: try Self.address(arguments[1])),
            services: [grip],
            logger: logger
        )
        let control = Application(
            router: Self.controlRouter(grip),
            configuration: .init(address: try Self.address(arguments[2])),
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clients.runService() }
            group.addTask { try await control.runService() }
            try await group.waitForAll()
        }
    }

    private static func address(_ text: String) throws -> BindAddress {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else { throw HTTPError(.badRequest) }
        return .hostname(String(parts[0]), port: port)
    }

    private static func router(_ grip: GRIPOrigin) -> Router<BasicGRIPRequestContext> {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        router.get("hello") { _, _ in "hello\n" }
        router.get("stream") { request, _ in
            try Self.held(request, "text/plain")
        }
        router.get("sse") { request, _ in
            try Self.held(request, "text/event-stream")
        }
        router.webSocketOverHTTP("ws") { socket, request, _ in
            if socket.isOpening {
                socket.accept()
                for channel in try Self.channels(of: request) { socket.subscribe(to: channel) }
            }
            for message in socket.messages { socket.send(message) }
        }
        return router
    }

    private static func channels(of request: Request) throws -> [GRIPChannel] {
        try request.uri.queryParameters.getAll("ch").map { try GRIPChannel($0) }
    }

    private static func held(_ request: Request, _ type: String) throws -> Response {
        let instruction = try GRIPInstruction(hold: .stream(), channels: Self.channels(of: request))
        return Response(status: .ok, headers: [.contentType: type]).held(instruction)
    }

    /// What a control API does with a publish, for the load generator that speaks to nothing else.
    private static func controlRouter(_ grip: GRIPOrigin) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.post("publish") { request, _ in
            let body = try await request.body.collect(upTo: 1_000_000)
            _ = try await grip.publish(GRIPPublication.parse(json: body))
            return "Published\n"
        }
        return router
    }
}
