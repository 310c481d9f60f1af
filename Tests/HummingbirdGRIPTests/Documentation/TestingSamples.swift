import GRIPTesting
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Testing

/// The samples of "Testing your handlers".
@Suite struct TestingSamples {
    func makeRouter(_ grip: GRIPOrigin) -> Router<BasicGRIPRequestContext> {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        router.get("stream") { _, _ in
            "[stream open]\n".held(.stream(on: "test"))
        }
        router.post("stream") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            try await grip.publish(.httpStream("\(text)\n"), to: "test")
            return "Ok\n"
        }
        router.webSocketOverHTTP("echo") { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "test")
            }
            for message in socket.messages { socket.send(message) }
        }
        return router
    }

    @Test func theStreamIsHeld() async throws {
        let proxy = GRIPTestProxy()
        let grip = try GRIPOrigin(proxy.configuration, publisher: RecordingPublisher())
        try await Application(router: makeRouter(grip)).test(.router) { client in
            try await client.execute(uri: "/stream", method: .get, headers: proxy.fields()) { response in
                #expect(String(buffer: response.body) == "[stream open]\n")
                let instruction = try GRIPInstruction(fields: response.headers)
                #expect(instruction == .stream(on: "test"))
            }
        }
    }

    @Test func aClientWithoutProxyGetsNoInstruction() async throws {
        let grip = try GRIPOrigin(GRIPTestProxy().configuration, publisher: RecordingPublisher())
        try await Application(router: makeRouter(grip)).test(.router) { client in
            try await client.execute(uri: "/stream", method: .get) { response in
                #expect(!GRIPInstruction.isPresent(in: response.headers))
            }
        }
    }

    @Test func aPostIsPublished() async throws {
        let publisher = RecordingPublisher()
        let grip = try GRIPOrigin(GRIPTestProxy().configuration, publisher: publisher)
        try await Application(router: makeRouter(grip)).test(.router) { client in
            try await client.execute(uri: "/stream", method: .post, body: ByteBuffer(string: "hi")) { response in
                #expect(response.status == .ok)
            }
        }
        #expect(publisher.publications(to: "test").map(\.item) == [GRIPItem(.httpStream("hi\n"))])
    }

    @Test func aFailedPublishIsAnError() async throws {
        let publisher = RecordingPublisher()
        publisher.fail(with: GRIPPublishFailure(.connection, "refused", mayHaveBeenPublished: false))
        let grip = try GRIPOrigin(GRIPTestProxy().configuration, publisher: publisher)
        try await Application(router: makeRouter(grip)).test(.router) { client in
            try await client.execute(uri: "/stream", method: .post, body: ByteBuffer(string: "hi")) { response in
                #expect(response.status == .internalServerError)
            }
        }
    }

    @Test func theSocketEchoes() async throws {
        let proxy = GRIPTestProxy()
        let grip = try GRIPOrigin(proxy.configuration, publisher: RecordingPublisher())
        try await Application(router: makeRouter(grip)).test(.router) { client in
            var socket = GRIPTestWebSocket(through: proxy)

            var request = try socket.request(.open)
            var response = try await client.execute(
                uri: "/echo",
                method: .post,
                headers: request.fields,
                body: request.body
            )
            let opened = try socket.receive(response.status, response.headers, response.body)
            #expect(opened.isAccepted)
            #expect(opened.subscriptions == ["test"])

            request = try socket.request(.text("hello"))
            response = try await client.execute(
                uri: "/echo",
                method: .post,
                headers: request.fields,
                body: request.body
            )
            let echoed = try socket.receive(response.status, response.headers, response.body)
            #expect(echoed.messages == ["hello"])
        }
    }
}
