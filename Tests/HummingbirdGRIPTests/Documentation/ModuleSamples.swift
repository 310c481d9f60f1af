import GRIPNATS
import GRIPProxy
import GRIPServerSentEvents
import GRIPSignature
import GRIPTesting
import HTTPTypes
import HummingbirdGRIP
import HummingbirdGRIPTesting
import HummingbirdTesting
import Logging
import NIOCore
import ServiceLifecycle
import Testing
import UnixSignals

/// The samples of the other libraries' first pages.
@Suite struct ModuleSamples {
    private func verify(_ token: String, secret: String) throws {
        let verifier = GRIPSignatureVerifier(
            keys: [try GRIPTrustedKey(GRIPKey(secret), issuer: "pushpin")],
            leeway: .seconds(5)
        )
        let signature = try verifier.verify(token)
        print(signature.issuer ?? "no issuer", signature.expiry.secondsSince1970)
    }

    private func stream() throws -> ByteBuffer {
        let event = try ServerSentEvent(type: "added", data: #"{"article": 7}"#, id: "17")
        var body = ServerSentEvent.comment("welcome")
        event.write(to: &body)
        return body
    }

    private func publish() async {
        await GRIPProgram.run {
            let configuration = try GRIPPublisherConfiguration(proxies: [.pushpin()])
            try await withGRIPHTTPPublisher(configuration: configuration) { publisher in
                try await publisher.publish(.httpStream("hello\n"), to: "test")
                publisher.enqueue(.webSocketMessage("hello"), to: "test", "other")
            }
        }
    }

    private func adapter(_ grip: GRIPOrigin) throws -> HTTPResponse {
        func respond(to request: HTTPRequest, with handler: (GRIPRequestState) -> HTTPResponse) throws -> HTTPResponse {
            let state = grip.inspect(request)
            var response = handler(state)
            try grip.finish(&response, to: request.method, for: state)
            return response
        }
        return try respond(to: HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")) { _ in
            HTTPResponse(status: .ok, headerFields: GRIPInstruction.stream(on: "test").fields)
        }
    }

    private func testing() throws -> GRIPOrigin {
        let proxy = GRIPTestProxy()
        let publisher = RecordingPublisher()
        let grip = try GRIPOrigin(proxy.configuration, publisher: publisher)
        return grip
    }

    private func proxy(logger: Logger) async {
        await GRIPProgram.run {
            GRIPFileDescriptors.raiseLimit()
            var configuration = GRIPProxyServerConfiguration()
            configuration.routes = ["* localhost:8000", "chat.example.com localhost:8001,over_http"]
            configuration.key = try GRIPKey("changeme")

            let proxy = try GRIPProxyServer(configuration: configuration, logger: logger)
            try await ServiceGroup(services: [proxy], gracefulShutdownSignals: [.sigterm], logger: logger).run()
        }
    }

    private func nats() async throws {
        let connection = GRIPNATSConnection(try GRIPNATSConfiguration(url: "nats://localhost:4222"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            connection.subscribe(to: "orders.*") { message in print(message.subject) }
            try await connection.waitUntilConnected()
            let answer = try await connection.request(ByteBuffer(string: "one"), to: "orders.create")
            print(String(buffer: answer.payload))
            group.cancelAll()
        }
    }

    private func step(_ client: any TestClientProtocol, _ proxy: GRIPTestProxy) async throws {
        var socket = GRIPTestWebSocket(through: proxy, path: "/echo")
        let opened = try await client.send(.open, on: &socket)
        #expect(opened.isAccepted)
        let echoed = try await client.send("hello", on: &socket)
        #expect(echoed.messages == ["hello"])
    }

    @Test func aTokenOfTheTestProxyIsVerified() throws {
        try self.verify(GRIPTestProxy().signature(), secret: "changeme")
        #expect(throws: GRIPSignatureError.self) {
            try self.verify(GRIPTestProxy(secret: "another").signature(), secret: "changeme")
        }
    }

    @Test func anAdapterLeavesNoInstructionForOthers() throws {
        #expect(try self.adapter(self.testing()).headerFields.isEmpty)
    }
}
