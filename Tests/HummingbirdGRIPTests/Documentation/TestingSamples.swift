import GRIPTesting
import Hummingbird
import HummingbirdGRIP
import HummingbirdGRIPTesting
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
            var socket = GRIPTestWebSocket(through: proxy, path: "/echo", handshake: [.cookie: "session=1"])

            let opened = try await client.send(.open, on: &socket)
            #expect(opened.isAccepted)
            #expect(opened.subscriptions == ["test"])

            let echoed = try await client.send("hello", on: &socket)
            #expect(echoed.messages == ["hello"])
        }
    }

    @Test func thePollIsAnswered() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let router = makeRouter(grip)
        router.get("poll") { _, _ in
            "nothing\n".held(.response(on: "poll", timeout: .seconds(55)))
        }
        let app = Application(router: router, server: .grip(grip), services: [grip])
        try await app.test(.ahc(.http)) { client in
            async let poll = client.execute(uri: "/poll", method: .get)
            var deliveries = 0
            while deliveries == 0 {
                let result = try await grip.publish(.httpResponse("something\n"), to: "poll", countingDeliveries: true)
                deliveries = result.deliveries ?? 0
            }
            #expect(String(buffer: try await poll.body) == "something\n")
        }
    }
}
