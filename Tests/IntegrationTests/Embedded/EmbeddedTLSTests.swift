import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import HummingbirdTLS
import NIOCore
import NIOSSL
import Testing

/// The server with the proxy in it, behind Hummingbird's TLS.
@Suite("Embedded: TLS", .serialized, .timeLimit(.minutes(5))) struct EmbeddedTLSTests {
    private static func configuration() throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(TestCertificate.certificate.utf8)).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(TestCertificate.key.utf8), format: .pem))
        )
    }

    @Test("Clients are held, and handlers see that they use TLS")
    func tls() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let router = TestRouter(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        let name = try #require(HTTPField.Name("X-Forwarded-Proto"))
        router.get("stream") { request, _ in "\(request.headers[name] ?? "nothing")\n".held(.stream(on: "test")) }
        let server = try HTTPServerBuilder.tls(.grip(grip), tlsConfiguration: Self.configuration())
        try await withServer(router, server, services: [grip]) { port in
            var configuration = HTTPClient.Configuration()
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.certificateVerification = .none
            configuration.httpVersion = .http1Only
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            do {
                let response = try await client.execute(
                    HTTPClientRequest(url: "https://localhost:\(port)/stream"),
                    timeout: .seconds(10)
                )
                var body = response.body.makeAsyncIterator()
                #expect(try await body.next().map { String(buffer: $0) } == "https\n")
                try await grip.publish(.httpStream("hi\n"), to: "test")
                #expect(try await body.next().map { String(buffer: $0) } == "hi\n")
            } catch {
                try await client.shutdown()
                throw error
            }
            try await client.shutdown()
        }
    }
}
