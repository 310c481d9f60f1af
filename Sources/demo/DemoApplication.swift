import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore

/// The routes of the demo: streaming, long-polling with an ETag, and WebSockets.
enum DemoApplication {
    /// What a form posts.
    private struct Form: Decodable {
        var data: String

        init(_ request: Request, _ context: some RequestContext) async throws {
            self = try await URLEncodedFormDecoder().decode(Self.self, from: request, context: context)
        }
    }

    static func make(
        grip: GRIPOrigin,
        address: DemoAddress,
        logger: Logger,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: Self.router(grip),
            server: .grip(grip),
            configuration: .init(address: .hostname(address.host, port: address.port)),
            services: [grip],
            onServerRunning: onServerRunning,
            logger: logger
        )
    }

    private static func router(_ grip: GRIPOrigin) -> Router<BasicGRIPRequestContext> {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))

        router.get("/") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/html; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.index_html))
            )
        }

        router.get("stream") { _, _ in
            "[stream open]\n".held(.stream(on: "stream", keepAlive: .newline(after: .seconds(20))))
        }
        router.post("stream") { request, context in
            let form = try await Form(request, context)
            try await grip.publish(.httpStream("\(form.data)\n"), to: "stream")
            return "Ok\n"
        }

        let object = DemoObject()
        router.get("object") { request, _ in
            let version = object.current
            guard request.headers[.ifNoneMatch] == version.etag else { return Self.response(version) }
            // The prev-id closes the gap between this answer and the hold: whatever is published in it is not missed.
            let channel = try GRIPChannel("object", previousID: version.id)
            return Response(status: .notModified).held(.response(on: channel, timeout: .seconds(55)))
        }
        router.post("object") { request, context in
            let (before, after) = object.change(to: try await Form(request, context).data)
            let response = Self.response(after)
            try await grip.publish(
                .httpResponse("\(after.text)\n", headers: response.headers),
                to: "object",
                id: after.id,
                previousID: before.id
            )
            return "Ok\n"
        }

        router.webSocketOverHTTP("echo") { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "echo")
            }
            for message in socket.messages { socket.send(message) }
        }
        router.post("broadcast") { request, context in
            let form = try await Form(request, context)
            try await grip.publish(.webSocketMessage("\(form.data)"), to: "echo")
            return "Ok\n"
        }
        return router
    }

    private static func response(_ version: DemoObject.Version) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .eTag: version.etag, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: "\(version.text)\n"))
        )
    }
}
